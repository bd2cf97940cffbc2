/** Makes operations of what was drawn. Pure: the lines and the places come in. */

import { contains, metresBetween, rounded, walked, type Found, type Outlines } from "../../../map/plan/outlines";
import type { LineFeature, Operation, Position, Ring } from "../../../wire/plans";

/** How near the server looks for what was snapped to here: rounding leaves less. */
export const REACH_M = 1;
const METRES_A_DEGREE = 110_000;

/** What the brush carries at a level: the divisions right below those of the level, or those of the level itself. */
export function unitsOf(all: ReadonlyMap<string, LineFeature>, level: string): LineFeature[] {
  const features = [...all.values()];
  const below = features.filter(({ properties }) => properties.parent_code !== null && all.get(properties.parent_code)?.properties.level === level);
  return below.length ? below : features.filter(({ properties }) => properties.level === level && properties.parent_code !== null);
}

/** A stroke carries what it touches into the division that it begins in. */
export function strokeOf(places: readonly Position[], units: Outlines, stepM: number): Operation | null {
  const first = places[0];
  const to = first && units.at(first)?.properties.parent_code;
  if (!to) return null;
  const touched = walked(places, stepM).flatMap((place) => units.at(place) ?? []);
  const codes = [...new Set(touched.filter(({ properties }) => properties.parent_code !== to).map(({ properties }) => properties.code))];
  return codes.length ? { op: "reassign", codes, to } : null;
}

/** An area carries the finest divisions that it covers into the division that it begins in. */
export function lassoOf(places: readonly Position[], units: Outlines): Operation | null {
  const to = places[0] && units.at(places[0])?.properties.parent_code;
  return to && places.length > 3 ? { op: "reassign", area: ringOf(places), to } : null;
}

/** A line splits the division that most of it lies in. */
export function splitOf(places: readonly Position[], held: Outlines, stepM: number): Operation | null {
  const within = new Map<string, number>();
  for (const place of walked(places, stepM)) {
    const code = held.at(place)?.properties.code;
    if (code) within.set(code, (within.get(code) ?? 0) + 1);
  }
  const [most] = [...within].sort(([, a], [, b]) => b - a);
  const line = withoutRepeats(places.map(rounded));
  return most && line.length > 1 ? { op: "split", code: most[0], line, reach_m: REACH_M } : null;
}

/** An area becomes a division within the one above that holds its first place, and most of the others. */
export function createOf(places: readonly Position[], above: readonly LineFeature[], { kind, name }: { kind: string; name: string }): Operation | null {
  const polygon = ringOf(places);
  if (polygon.length < 4) return null;
  const inside = (feature: LineFeature) => polygon.filter((place) => contains(feature.geometry, place)).length;
  const [best] = above.map((feature) => ({ feature, n: inside(feature) })).sort((a, b) => b.n - a.n);
  if (!best?.n) return null;
  return { op: "create", within: best.feature.properties.code, polygon, kind, ...(name.trim() && { name: name.trim() }), reach_m: REACH_M };
}

/** A drag of a corner, or of a point of an edge. */
export function moveOf(held: Found, to: Position): Operation {
  const grabbed = held.kind === "vertex" ? { vertex: held.place } : { edge: held.place };
  return { op: "move", ...grabbed, to, reach_m: REACH_M };
}

/** A bend of a whole edge, between its ends. */
export function bendOf(held: Found, line: readonly Position[]): Operation {
  const ends = line.length - 1;
  return { op: "move", edge: held.place, to: line.map((place, i) => (i === 0 || i === ends ? place : rounded(place))), reach_m: REACH_M };
}

/** A place on what a kept move made: between which divisions it went. */
export function placeOfMove({ to }: Readonly<Record<string, unknown>>): Position | null {
  const place = Array.isArray(to) && Array.isArray(to[0]) ? to[Math.floor(to.length / 2)] : to;
  return isPlace(place) ? place : null;
}

/** Metres that a kept move went; null for other operations, and moves of a whole edge. */
export function lengthOf(operation: Readonly<Record<string, unknown>>): number | null {
  const from = operation.vertex ?? operation.edge;
  return isPlace(from) && isPlace(operation.to) ? metresBetween(from, operation.to) : null;
}

export function isPlace(value: unknown): value is Position {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "number");
}

function ringOf(places: readonly Position[]): Ring {
  const ring = withoutRepeats(places.map(rounded));
  const [first, last] = [ring[0], ring.at(-1)];
  return first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring;
}

function withoutRepeats(places: readonly Position[]): Position[] {
  return places.filter((place, i) => i === 0 || place[0] !== places[i - 1]?.[0] || place[1] !== places[i - 1]?.[1]);
}

/** The lines of a GeoJSON file: streets, water. Throws SyntaxError where it is none. */
export function guidesOf(text: string): Position[][] {
  const found: Position[][] = [];
  const take = (value: unknown): void => {
    const { type, coordinates, geometry, geometries, features } = (value ?? {}) as Record<string, unknown>;
    for (const one of [...((features as unknown[]) ?? []), ...((geometries as unknown[]) ?? []), ...(geometry ? [geometry] : [])]) take(one);
    if (type === "LineString") found.push((coordinates as number[][]).map(([lon = 0, lat = 0]) => [lon, lat]));
    if (type === "MultiLineString") for (const line of coordinates as number[][][]) take({ type: "LineString", coordinates: line });
  };
  take(JSON.parse(text));
  return found.filter((line) => line.length > 1);
}

/** Those of some lines that come within some metres of a division's box. */
export function guidesNear(guides: readonly Position[][], [west, south, east, north]: readonly [number, number, number, number], withinM = 0): Position[][] {
  const dy = withinM / METRES_A_DEGREE;
  const dx = dy / Math.cos((north * Math.PI) / 180);
  return guides.filter((line) => {
    const [lons, lats] = [line.map(([lon]) => lon), line.map(([, lat]) => lat)];
    return Math.min(...lons) <= east + dx && Math.max(...lons) >= west - dx && Math.min(...lats) <= north + dy && Math.max(...lats) >= south - dy;
  });
}
