import { describe, expect, it } from "vitest";
import { resolutionAt } from "./resolution";

describe("the resolution of the hotspots", () => {
  it("grows finer as one comes nearer", () => {
    expect([9, 11, 12, 14.5].map((zoom) => resolutionAt(zoom, [10, 9, 8]))).toEqual([8, 8, 9, 10]);
  });

  it("is one that the county counts", () => {
    expect(resolutionAt(9, [9])).toBe(9);
    expect(resolutionAt(16, [8])).toBe(8);
  });
});
