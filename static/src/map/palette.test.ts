import { describe, expect, it } from "vitest";
import { heat, heatSteps } from "./palette";

/** Relative luminance, by which any eye can order the ramp. */
function luminance([red, green, blue]: readonly number[]): number {
  const linear = [red, green, blue].map((value) => ((value ?? 0) / 255) ** 2.2) as [number, number, number];
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

describe("the ramp of the hotspots", () => {
  it.each([1, 5, 12, 300, 9000])("rises without a gap up to %i", (highest) => {
    const steps = heatSteps(highest);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps.at(-1)).toBeGreaterThanOrEqual(highest);
  });

  it("grows lighter with every step, whatever one's colour vision", () => {
    const steps = heatSteps(300);
    const lights = steps.map((upper) => luminance(heat(upper, steps)));
    expect(lights).toEqual([...lights].sort((a, b) => a - b));
  });
});
