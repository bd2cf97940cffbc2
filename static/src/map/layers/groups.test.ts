import { describe, expect, it } from "vitest";
import { groupDepth, groupsOf } from "./groups";

const LEVELS = [{ zoom: 7 }, { zoom: 9.6 }, { zoom: 11.2 }, { zoom: 12.6 }];
const LABELS = [
  { code: "t1", lon: 120.5, lat: 31 },
  { code: "t2", lon: 120.7, lat: 31.2 },
];
const force = (path: string, busy = false, lon = 120.51, lat = 31) => ({ path, busy, lon, lat });

describe("counts of forces", () => {
  it.each([
    [9, 1],
    [11.5, 1],
    [11.7, 2],
    [13.5, 2],
    [13.7, null],
  ] as const)("at zoom %d are by divisions of depth %s", (zoom, depth) => expect(groupDepth(zoom, LEVELS, 1900)).toBe(depth));

  it("are left out where a few forces cover nothing, and where there are no divisions", () => {
    expect(groupDepth(9, LEVELS, 60)).toBeNull();
    expect(groupDepth(9, [], 1900)).toBeNull();
    expect(groupDepth(9, [{ zoom: 8 }, { zoom: null }], 1900)).toBeNull();
    expect(groupDepth(9, [{ zoom: 8 }, { zoom: 10 }], 1900)).toBe(1);
  });

  it("tell the free from the busy and stand at the division's label", () => {
    const found = groupsOf([force("c.t1.v"), force("c.t1.w", true), force("c.t1"), force("c.t2.v")], 1, LABELS);
    expect(found).toEqual([
      { code: "t1", lon: 120.5, lat: 31, free: 2, busy: 1 },
      { code: "t2", lon: 120.7, lat: 31.2, free: 1, busy: 0 },
    ]);
  });

  it("stand in the middle of their forces where the division has no label", () => {
    const [found] = groupsOf([force("c.t9", false, 120.2, 31), force("c.t9", true, 120.4, 31.2)], 1, LABELS);
    expect(found).toMatchObject({ code: "t9", free: 1, busy: 1 });
    expect([found?.lon, found?.lat].map((n) => n?.toFixed(2))).toEqual(["120.30", "31.10"]);
  });

  it("take a masked force to the nearest division", () => {
    const found = groupsOf([force("c", false, 120.69, 31.19), force("", false, 120.5, 31.01)], 1, LABELS);
    expect(found.map(({ code }) => code)).toEqual(["t2", "t1"]);
  });
});
