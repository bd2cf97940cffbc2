import { describe, expect, it, vi } from "vitest";
import { candidate } from "../../../testing/bodies";
import type { Candidates } from "../../../wire/types";
import { Listing } from "./listing.svelte";

const list = (...ids: number[]): Candidates => ({ role: "lead", candidates: ids.map((id) => candidate(id)), excluded: [] });

describe("the list of candidates", () => {
  it("asks for what is narrowed only", () => {
    const listing = new Listing();
    expect(listing.query).toEqual({ limit: 9 });
    listing.words = "  巡防 ";
    listing.role = "support";
    expect(listing.query).toEqual({ limit: 9, q: "巡防", role: "support" });
    expect(listing.narrowed).toBe(true);
    listing.clear();
    expect(listing.query).toEqual({ limit: 9 });
  });

  it("keeps a force chosen on the map at its end, and asks for it only where it is not listed", async () => {
    const listing = new Listing();
    const ask = vi.fn(() => Promise.resolve(list(7)));
    listing.pinned = 2;
    expect((await listing.withPinned(list(1, 2), ask)).candidates.map((one) => one.force)).toEqual([1, 2]);
    expect(ask).not.toHaveBeenCalled();
    listing.pinned = 7;
    expect((await listing.withPinned(list(1, 2), ask)).candidates.map((one) => one.force)).toEqual([1, 2, 7]);
    expect(ask).toHaveBeenCalledWith({ force: 7 });
  });

  it("says why a force chosen on the map cannot be sent", async () => {
    const listing = new Listing();
    const refused = { force: 7, name: "F7", kind: "patrol", code: "busy" };
    listing.pinned = 7;
    await listing.withPinned(list(1), () => Promise.resolve({ role: "lead", candidates: [], excluded: [refused] }));
    expect(listing.refused).toEqual(refused);
  });
});
