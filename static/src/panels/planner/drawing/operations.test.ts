import { describe, expect, it } from "vitest";
import { Outlines } from "../../../map/plan/outlines";
import type { LineFeature, Position } from "../../../wire/plans";
import { createOf, guidesNear, guidesOf, lengthOf, moveOf, placeOfMove, splitOf, strokeOf, unitsOf } from "./operations";

function square(code: string, level: string, parent: string | null, [w, s, e, n]: [number, number, number, number]): LineFeature {
  const [west, south, east, north] = [120 + w / 100, 31 + s / 100, 120 + e / 100, 31 + n / 100];
  return {
    type: "Feature",
    id: code,
    properties: { code, level, parent_code: parent, name: code, locked: false, kind: null },
    geometry: { type: "Polygon", coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] },
  };
}

/** A village of two grids, the western one of two micro-grids. */
const FEATURES = [
  square("v", "village", null, [0, 0, 2, 2]),
  square("g1", "grid", "v", [0, 0, 1, 2]),
  square("g2", "grid", "v", [1, 0, 2, 2]),
  square("m1", "micro_grid", "g1", [0, 0, 1, 1]),
  square("m2", "micro_grid", "g1", [0, 1, 1, 2]),
  square("m3", "micro_grid", "g2", [1, 0, 2, 2]),
];
const ALL = new Map(FEATURES.map((one) => [one.properties.code, one]));
const of = (level: string) => FEATURES.filter(({ properties }) => properties.level === level);
const at = (x: number, y: number): Position => [120 + x / 100, 31 + y / 100];
const codes = (features: readonly LineFeature[]) => features.map(({ properties }) => properties.code);

describe("the brush", () => {
  it("carries what lies below the level in hand, or divisions of the level itself", () => {
    expect(codes(unitsOf(ALL, "grid"))).toEqual(["m1", "m2", "m3"]);
    expect(codes(unitsOf(ALL, "micro_grid"))).toEqual(["m1", "m2", "m3"]);
    expect(codes(unitsOf(ALL, "village"))).toEqual(["g1", "g2"]);
  });

  it("takes what it touches into the grid that the stroke begins in, and nothing that is there", () => {
    const units = new Outlines(unitsOf(ALL, "grid"));
    expect(strokeOf([at(1.5, 1), at(0.5, 1.5)], units, 50)).toEqual({ op: "reassign", codes: ["m2"], to: "g2" });
    expect(strokeOf([at(0.5, 0.5), at(0.5, 1.5)], units, 50)).toBeNull();
    expect(strokeOf([at(5, 5), at(0.5, 1.5)], units, 50)).toBeNull();
  });
});

describe("a drawn line", () => {
  it("splits the division that most of it lies in, on the grid of what is drawn", () => {
    const operation = splitOf([at(-0.1, 0.512345678912), at(1.2, 0.5)], new Outlines(of("grid")), 50);
    expect(operation).toMatchObject({ op: "split", code: "g1" });
    expect((operation as { line: Position[] }).line[0]).toEqual([119.999, 31.0051235]);
  });

  it("splits nothing outside", () => expect(splitOf([at(5, 5), at(6, 6)], new Outlines(of("grid")), 50)).toBeNull());
});

describe("a new grid", () => {
  it("lies within the division that holds most of its corners; its ring is closed", () => {
    const operation = createOf([at(0.2, 0.2), at(0.8, 0.2), at(0.5, 0.8)], of("village"), { kind: "market", name: " East market " });
    expect(operation).toMatchObject({ op: "create", within: "v", kind: "market", name: "East market" });
    const { polygon } = operation as { polygon: Position[] };
    expect(polygon[0]).toEqual(polygon.at(-1));
    expect(createOf([at(0.2, 0.2), at(0.8, 0.2)], of("village"), { kind: "market", name: "" })).toBeNull();
  });
});

describe("a move", () => {
  it("names what was taken hold of, and how far it went", () => {
    const move = moveOf({ kind: "vertex", place: at(1, 1), codes: [], away: 0 }, at(1, 1.1));
    expect(move).toMatchObject({ op: "move", vertex: at(1, 1) });
    expect(lengthOf(move)).toBeCloseTo(111.3, 0);
    expect(lengthOf({ op: "merge", codes: ["a"] })).toBeNull();
    expect(placeOfMove({ to: [at(0, 0), at(1, 1), at(2, 2)] })).toEqual(at(1, 1));
  });
});

describe("a file of streets", () => {
  it("gives its lines, without heights, and nothing else", () => {
    const file = { type: "FeatureCollection", features: [{ type: "Feature", geometry: { type: "MultiLineString", coordinates: [[[1, 2, 9], [3, 4, 9]], [[5, 6]]] } }, { type: "Feature", geometry: { type: "Point", coordinates: [0, 0] } }, { type: "Feature", geometry: null }] };
    expect(guidesOf(JSON.stringify(file))).toEqual([[[1, 2], [3, 4]]]);
    expect(() => guidesOf("no json")).toThrow(SyntaxError);
  });
});

describe("streets", () => {
  it("beside a grid are near it within the width that its border may snap over", () => {
    const beside: Position[] = [[120.0101, 31], [120.0101, 31.01]];
    expect(guidesNear([beside], [120, 31, 120.01, 31.01])).toEqual([]);
    expect(guidesNear([beside], [120, 31, 120.01, 31.01], 10)).toEqual([beside]);
    expect(guidesNear([beside], [120, 31, 120.01, 31.01], 9)).toEqual([]);
  });
});
