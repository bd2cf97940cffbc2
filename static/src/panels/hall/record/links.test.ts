import { expect, test } from "vitest";
import type { TimelineEntry } from "../../../wire/types";
import { carriedBy, writtenSince } from "./links";

const entry = (id: number, kind: string, data: Record<string, unknown> = {}) => ({ id, kind, at: `2026-03-02T08:0${id}:00Z`, data }) as unknown as TimelineEntry;

test("what people recorded since the last merge is offered, and nothing that the server writes by itself", () => {
  const entries = [
    entry(1, "merged", { from: 7 }),
    entry(2, "unmerged", { from: 7 }),
    entry(3, "noted"),
    entry(4, "merged", { from: 7 }),
    entry(6, "noted"),
    entry(5, "clock.warned"),
    entry(7, "merged", { from: 8 }),
    entry(8, "case.moved"),
  ];
  expect(writtenSince(entries, 7).map(({ id }) => id)).toEqual([6, 8]);
  expect(writtenSince(entries, 9), "never merged").toEqual([]);
});

test("an entry that repeats another one is shown as that one, with its time", () => {
  const carried = entry(9, "carried_over", { from: 3, entry: 6, kind: "noted", at: "2026-03-01T00:00:00Z", data: { note: "Of both" } });
  expect(carriedBy(carried)).toMatchObject({ id: 9, kind: "noted", at: "2026-03-01T00:00:00Z", data: { note: "Of both" } });
  expect(carriedBy(entry(1, "noted"))).toBeNull();
});
