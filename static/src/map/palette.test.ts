import { describe, expect, it } from "vitest";
import { heat, heatSteps, PALETTES, type Rgba } from "./palette";

type Rgb = [number, number, number];
const THEMES = ["dark", "light"] as const;

/** Relative luminance, by which any eye can order colours. */
function luminance(colour: readonly number[]): number {
  const [red, green, blue] = colour.map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const solid = ([red, green, blue]: Rgba): Rgb => [red, green, blue];

/** A translucent colour over the land. */
function over([red, green, blue, alpha]: Rgba, land: Rgb): Rgb {
  return [red, green, blue].map((part, i) => (part * alpha + (land[i] as number) * (255 - alpha)) / 255) as Rgb;
}

describe("the ramp of the hotspots", () => {
  it.each([1, 5, 12, 300, 9000])("rises without a gap up to %i", (highest) => {
    const steps = heatSteps(highest);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps.at(-1)).toBeGreaterThanOrEqual(highest);
  });

  it.each(THEMES)("stands out more with every step in the %s theme, whatever one's colour vision", (theme) => {
    const { heat: ramp, land } = PALETTES[theme];
    const steps = heatSteps(300);
    const contrasts = steps.map((upper) => contrast(over(heat(upper, steps, ramp), rgb(land)), rgb(land)));
    expect(contrasts).toEqual([...contrasts].sort((a, b) => a - b));
  });
});

describe.each(THEMES)("the map in the %s theme", (theme) => {
  const palette = PALETTES[theme];
  const land = rgb(palette.land);

  it("has nothing that stands out as much as what waits", () => {
    const waiting = [palette.urgency.now, palette.urgency.soon, palette.urgency.wait].map((colour) => contrast(solid(colour), land));
    const rest = [palette.free, palette.busy, palette.sign, palette.urgency.served, palette.urgency.closed, ...palette.heat];
    const calm = rest.map((colour) => contrast(over(colour, land), land));
    expect(contrast(solid(palette.urgency.wait), land)).toBeGreaterThan(Math.max(...calm));
    expect(Math.min(...waiting)).toBeGreaterThan(4.5);
    expect(Math.max(...palette.heat.map((colour) => contrast(over(colour, land), land)))).toBeLessThan(Math.min(...waiting) / 1.5);
  });

  it("keeps signs, people and names readable on the land", () => {
    const shown = [palette.free, palette.busy, palette.stale, palette.sign].map((colour) => contrast(over(colour, land), land));
    expect(Math.min(...shown)).toBeGreaterThan(3);
    const names = [...palette.letters, palette.place, palette.drawn.name, palette.drawn.waterName].map((colour) => contrast(rgb(colour), land));
    expect(Math.min(...names)).toBeGreaterThan(4.5);
  });

  it("has a basemap fainter than the lines that stand on it", () => {
    const shapes = Object.entries(palette.drawn).filter(([part]) => !/name/i.test(part));
    const drawn = shapes.map(([, colour]) => contrast(rgb(colour), land));
    expect(Math.max(...drawn)).toBeLessThan(contrast(rgb(palette.boundaries[0] as string), land));
    expect(luminance(rgb(palette.drawn.water))).toBeLessThan(luminance(land));
  });

  it("has land lighter than the ground around it", () => {
    expect(luminance(land)).toBeGreaterThan(luminance(rgb(palette.ground)));
  });

  it("tells red from amber by lightness too", () => {
    expect(contrast(solid(palette.urgency.now), solid(palette.urgency.soon))).toBeGreaterThan(1.3);
  });
});
