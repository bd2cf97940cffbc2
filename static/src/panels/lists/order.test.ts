import { describe, expect, it } from "vitest";
import { byUrgency, nextAfter, percentOf } from "./order";

const one = (id: number, standing: "due" | "again", ask_by: string | null) => ({ id, standing, ask_by, due_at: null });

describe("the order of follow-ups", () => {
  it("has those to ask once more first, then those whose time runs out first", () => {
    const items = [one(1, "due", "2026-03-09T00:00:00Z"), one(2, "due", null), one(3, "due", "2026-03-05T00:00:00Z"), one(4, "again", "2026-03-12T00:00:00Z")];
    expect(byUrgency(items).map(({ id }) => id)).toEqual([4, 3, 1, 2]);
  });

  it("goes on with the next one, at the end with the one before", () => {
    const items = [{ id: 1 }, { id: 2 }, { id: 3 }];
    expect([nextAfter(items, 1), nextAfter(items, 3), nextAfter([{ id: 1 }], 1)]).toEqual([{ id: 2 }, { id: 2 }, undefined]);
  });

  it("shows a share in percent", () => {
    expect(["1", "1/10", "1/20"].map(percentOf)).toEqual([100, 10, 5]);
  });
});
