import { describe, expect, it } from "vitest";
import { force, task } from "../../../testing/bodies";
import { byState, countsOf, listedOf } from "./listed";

const AT = "2026-03-02T04:00:00Z";
const LATER = "2026-03-02T04:05:00Z";

describe("the list of forces", () => {
  const off = listedOf(force(1, { name: "a", duty: "off" }), undefined);
  const free = listedOf(force(2, { name: "b", duty: "on" }), undefined);
  const called = listedOf(force(3, { name: "c", duty: "on_call" }), undefined);
  const newly = listedOf(force(4, { name: "d", duty: "on" }), task(4, { force: 4, assigned_at: AT, accepted_at: LATER, departed_at: null, arrived_at: null }));
  const long = listedOf(force(5, { name: "e", duty: "on" }), task(5, { force: 5, assigned_at: AT, accepted_at: null, departed_at: null, arrived_at: null }));
  const all = [off, free, called, newly, long];

  it("has those with a task first, the longest in its status on top, and those off duty last", () => {
    expect(all.toSorted(byState)).toEqual([long, newly, free, called, off]);
  });

  it("tells since when a task is in its status", () => {
    expect([newly.since, free.since]).toEqual([Date.parse(LATER), null]);
  });

  it("counts each state", () => {
    expect(countsOf(all)).toEqual({ busy: 2, free: 1, on_call: 1, off: 1 });
  });
});
