/** Hatching stays inside its area. */

import { describe, expect, it } from "vitest";
import { hatched } from "./closures";

describe("hatching", () => {
  it("fills a square with parallel strokes that end at its sides", () => {
    const strokes = hatched([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]);
    expect(strokes.length).toBeGreaterThan(8);
    for (const { from, to } of strokes) {
      expect(to[1] - from[1]).toBeCloseTo(to[0] - from[0]);
      for (const at of [...from, ...to]) expect(at >= -1e-9 && at <= 1 + 1e-9).toBe(true);
    }
  });

  it("leaves out what lies between the arms of an area", () => {
    const strokes = hatched([[0, 0], [9, 0], [9, 9], [6, 9], [6, 3], [3, 3], [3, 9], [0, 9]]);
    for (const { from, to } of strokes) {
      const [lon, lat] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      expect(lon > 3 && lon < 6 && lat > 3).toBe(false);
    }
  });

  it("draws nothing in a point", () => {
    expect(hatched([[1, 1], [1, 1]])).toEqual([]);
  });
});
