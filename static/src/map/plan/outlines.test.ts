import { describe, expect, it } from "vitest";
import type { LineFeature, Position } from "../../wire/plans";
import { areaOf, boundsOf, contains, hangingOn, labelPlace, metresBetween, Outlines, rounded, walked } from "./outlines";

function square(code: string, x: number, y: number, size = 0.01): LineFeature {
  const [w, s, e, n] = [120 + x * size, 31 + y * size, 120 + (x + 1) * size, 31 + (y + 1) * size];
  const ring: Position[] = [[w, s], [e, s], [e, n], [w, n], [w, s]];
  return {
    type: "Feature",
    id: code,
    properties: { code, level: "grid", parent_code: "v", name: code, locked: false, kind: null },
    geometry: { type: "Polygon", coordinates: [ring] },
  };
}

const WEST = square("west", 0, 0);
const EAST = square("east", 1, 0);
const outlines = new Outlines([WEST, EAST]);
const METRE = 1 / 111_320;

describe("outlines", () => {
  it("give a place to one division, on the shared border too", () => {
    expect(outlines.at([120.005, 31.005])?.id).toBe("west");
    expect(outlines.at([120.015, 31.005])?.id).toBe("east");
    expect([WEST, EAST].filter(({ geometry }) => contains(geometry, [120.01, 31.005]))).toHaveLength(1);
    expect(outlines.at([120.5, 31.005])).toBeUndefined();
  });

  it("take a corner before an edge within reach, though the edge is nearer", () => {
    const beside: Position = [120.01, 31 + 4 * METRE];
    expect(outlines.near(beside, 5)).toMatchObject({ kind: "vertex", place: [120.01, 31] });
    expect(outlines.near(beside, 3)).toMatchObject({ kind: "edge" });
  });

  it("name both divisions that share an edge, and its nearest point", () => {
    const found = outlines.near([120.01 + 3 * METRE, 31.005], 10);
    expect(found).toMatchObject({ kind: "edge" });
    expect([...(found?.codes ?? [])].sort()).toEqual(["east", "west"]);
    expect(found?.place[0]).toBeCloseTo(120.01, 10);
  });

  it("find nothing out of reach, and not the corner that is being dragged", () => {
    expect(outlines.near([120.005, 31.005], 100)).toBeNull();
    expect(outlines.near([120.01, 31], 5, { but: [[120.01, 31]] })).toBeNull();
  });

  it("measure metres, areas and boxes", () => {
    expect(metresBetween([120, 31], [120, 31.01])).toBeCloseTo(1113.2, 1);
    expect(areaOf(WEST.geometry)).toBeCloseTo(1113.2 * 1113.2 * Math.cos((31 * Math.PI) / 180), -3);
    expect(boundsOf([WEST, EAST])).toEqual([120, 31, 120.02, 31.01]);
    expect(boundsOf([])).toBeNull();
  });

  it("put a name inside, even where the middle lies outside", () => {
    const bent: Position[] = [[0, 0], [10, 0], [10, 10], [9, 10], [9, 1], [0, 1], [0, 0]];
    const place = labelPlace({ type: "Polygon", coordinates: [bent] });
    expect(contains({ type: "Polygon", coordinates: [bent] }, place)).toBe(true);
  });

  it("know what hangs on a corner and on an edge", () => {
    const corner = outlines.near([120.01, 31], 1);
    const edge = outlines.near([120.01, 31.005], 1);
    expect(corner && hangingOn(corner, [WEST, EAST])).toHaveLength(3);
    expect(edge && hangingOn(edge, [WEST, EAST])).toEqual([[120.01, 31], [120.01, 31.01]]);
  });

  it("round what is drawn to centimetres", () => {
    expect(rounded([120.123456789012, 31.98765432109])).toEqual([120.1234568, 31.9876543]);
  });

  it("walk a fast stroke in steps that skip no division", () => {
    const places = walked([[120.005, 31.005], [120.015, 31.005]], 100);
    expect(places.length).toBeGreaterThan(9);
    expect(new Set(places.map((place) => outlines.at(place)?.id))).toEqual(new Set(["west", "east"]));
  });
});
