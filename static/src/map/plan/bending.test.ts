import { describe, expect, it } from "vitest";
import type { LineFeature, Position, Ring } from "../../wire/plans";
import { bent, edgeAt } from "./bending";

function polygon(code: string, ring: Ring): LineFeature {
  return {
    type: "Feature",
    id: code,
    properties: { code, level: "grid", parent_code: "v", name: code, locked: false, kind: null },
    geometry: { type: "Polygon", coordinates: [[...ring, ring[0] as Position]] },
  };
}

const BORDER: Position[] = Array.from({ length: 11 }, (_, i): Position => [120.01, 31 + i / 1000]);
const WEST = polygon("west", [[120, 31], ...BORDER, [120, 31.01]]);
const EAST = polygon("east", [...BORDER.toReversed(), [120.02, 31], [120.02, 31.01]]);
const MIDDLE = BORDER[5] as Position;
const vertex = (place: Position) => ({ kind: "vertex", place, codes: [], away: 0 }) as const;
const onEdge = (place: Position) => ({ kind: "edge", place, codes: [], away: 0 }) as const;

describe("an edge", () => {
  it("reaches from one corner where others meet it to the next", () => {
    const edge = edgeAt(vertex(MIDDLE), [WEST, EAST]);
    expect(edge?.line).toHaveLength(11);
    expect(edge?.line[edge.at]).toEqual(MIDDLE);
    expect(new Set([edge?.line[0]?.[1], edge?.line.at(-1)?.[1]])).toEqual(new Set([31, 31.01]));
  });

  it("gets a corner where it is taken between two", () => {
    const place: Position = [120.01, 31.0055];
    const edge = edgeAt(onEdge(place), [WEST, EAST]);
    expect(edge?.line).toHaveLength(12);
    expect(edge?.line[edge.at]).toEqual(place);
  });

  it("is none at a corner where several meet, and on the border of the plan", () => {
    expect(edgeAt(vertex([120.01, 31]), [WEST, EAST])).toBeNull();
    expect(edgeAt(onEdge([120, 31.005]), [WEST, EAST])).toBeNull();
  });

  it("bends round the hand: the ends stay, what is nearer goes further, what is out of reach stays", () => {
    const edge = edgeAt(vertex(MIDDLE), [WEST, EAST]);
    if (!edge) throw new Error("no edge");
    const to: Position = [120.012, 31.005];
    const line = bent(edge, to, 250);
    expect([line[0], line.at(-1)]).toEqual([edge.line[0], edge.line.at(-1)]);
    expect(line[edge.at]).toEqual(to);
    const moved = line.map(([lon], i) => lon - (edge.line[i] as Position)[0]);
    expect(moved.filter((by) => by > 0)).toHaveLength(5);
    expect(moved[edge.at - 1]).toBeGreaterThan(moved[edge.at - 2] as number);
    expect(bent(edge, to, 1)).toEqual(edge.line.with(edge.at, to));
  });
});
