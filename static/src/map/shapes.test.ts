import { describe, expect, it } from "vitest";
import { FRAMES, HOT_SHAPES, SHAPES, URGENCY_SHAPES } from "./shapes";

describe("the signs of the map", () => {
  it("differ by shape: no two urgencies, classes or kinds of force look alike without colour", () => {
    const shapes = [...Object.values(URGENCY_SHAPES), ...Object.values(HOT_SHAPES), ...SHAPES];
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it("each have a place of their own in the atlas", () => {
    const places = Object.values(FRAMES).map(({ x, y }) => `${x},${y}`);
    expect(new Set(places).size).toBe(places.length);
    expect(Object.keys(FRAMES)).toEqual(expect.arrayContaining(["now", "soon", "wait", "served", "new", "persistent", "fading"]));
  });
});
