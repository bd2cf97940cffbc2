/** Finds divisions, corners and edges of a plan's lines by a place. Pure.
 *
 * Distances are in metres on a plane that touches the place: good to a thousandth over a county.
 */

import type { LineFeature, Position, Ring, Shape } from "../../wire/plans";

const METRES_PER_DEGREE = 111_320;
/** Degrees by which rounding may put a place beside its line. */
const HAIR = 1e-9;

/** A place on the lines: a corner, or a point of an edge with the corners beside it. */
export type Found = { kind: "vertex" | "edge"; place: Position; codes: readonly string[]; away: number };

type Box = { feature: LineFeature; west: number; south: number; east: number; north: number };

export function ringsOf(shape: Shape): readonly Ring[] {
  return shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat();
}

function boxOf(feature: LineFeature): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of ringsOf(feature.geometry)) {
    for (const [lon, lat] of ring) {
      if (lon < west) west = lon;
      if (lon > east) east = lon;
      if (lat < south) south = lat;
      if (lat > north) north = lat;
    }
  }
  return { feature, west, south, east, north };
}

const BOXES = new WeakMap<LineFeature, Box>();

function box(feature: LineFeature): Box {
  const known = BOXES.get(feature) ?? boxOf(feature);
  BOXES.set(feature, known);
  return known;
}

/** West, south, east and north of some divisions; null for none. */
export function boundsOf(features: readonly LineFeature[]): [number, number, number, number] | null {
  if (!features.length) return null;
  const boxes = features.map(box);
  const least = (key: "west" | "south") => Math.min(...boxes.map((one) => one[key]));
  const most = (key: "east" | "north") => Math.max(...boxes.map((one) => one[key]));
  return [least("west"), least("south"), most("east"), most("north")];
}

/** Whether a place lies within a shape, by crossings: a place on a border belongs to one side of it. */
export function contains(shape: Shape, [x, y]: Position): boolean {
  let inside = false;
  for (const ring of ringsOf(shape)) {
    for (let i = 1; i < ring.length; i++) {
      const [x0, y0] = ring[i - 1] as Position;
      const [x1, y1] = ring[i] as Position;
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
    }
  }
  return inside;
}

/** The outlines of some divisions that do not overlap, such as those of one level. */
export class Outlines {
  readonly #boxes: readonly Box[];

  constructor(features: Iterable<LineFeature>) {
    this.#boxes = Array.from(features, box);
  }

  /** The division at a place. */
  at(place: Position): LineFeature | undefined {
    const [lon, lat] = place;
    return this.#boxes.find(
      (one) => one.west <= lon && lon <= one.east && one.south <= lat && lat <= one.north && contains(one.feature.geometry, place),
    )?.feature;
  }

  /** The divisions whose boxes reach into a box of degrees. */
  within(west: number, south: number, east: number, north: number): LineFeature[] {
    return this.#boxes
      .filter((one) => one.west <= east && one.east >= west && one.south <= north && one.north >= south)
      .map((one) => one.feature);
  }

  /** The divisions that have a place within them or on their border. */
  around([lon, lat]: Position): LineFeature[] {
    return this.within(lon - HAIR, lat - HAIR, lon + HAIR, lat + HAIR);
  }

  /** The divisions around a place, and all beside those. */
  beside(place: Position): LineFeature[] {
    const bounds = boundsOf(this.around(place));
    return bounds ? this.within(...bounds) : [];
  }

  /** The corner nearest to a place, else the nearest point of an edge, within `reachM` metres: a corner comes first. */
  near(place: Position, reachM: number, { but = [] }: { but?: readonly Position[] } = {}): Found | null {
    const scale = scaleAt(place);
    const [lon, lat] = place;
    const [dx, dy] = [reachM / scale[0], reachM / scale[1]];
    const features = this.within(lon - dx, lat - dy, lon + dx, lat + dy);
    const vertex = nearestVertex(features, place, scale, but);
    if (vertex && vertex.away <= reachM) return vertex;
    const edge = nearestEdge(features, place, scale, but);
    return edge && edge.away <= reachM ? edge : null;
  }
}

/** What hangs on a found place: the corners before and after it, on every outline that has it. */
export function hangingOn(found: Found, features: readonly LineFeature[]): Position[] {
  const ends = new Map<string, Position>();
  for (const { geometry } of features) {
    for (const ring of ringsOf(geometry)) {
      for (let i = 1; i < ring.length; i++) {
        const [start, end] = [ring[i - 1] as Position, ring[i] as Position];
        if (found.kind === "edge" ? !isOn(found.place, start, end) : !same(start, found.place) && !same(end, found.place)) continue;
        for (const point of [start, end]) if (!same(point, found.place)) ends.set(String(point), point);
      }
    }
  }
  return [...ends.values()];
}

function isOn(place: Position, start: Position, end: Position): boolean {
  return footOn(start, end, place, scaleAt(place)).away < 0.01;
}

type Scale = readonly [number, number];

/** Metres of a degree of longitude and of latitude. */
export function scaleAt([, lat]: Position): Scale {
  return [METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180), METRES_PER_DEGREE];
}

/** Metres between two places. */
export function metresBetween(one: Position, other: Position): number {
  const [sx, sy] = scaleAt(one);
  return Math.hypot((one[0] - other[0]) * sx, (one[1] - other[1]) * sy);
}

const same = (one: Position, other: Position) => one[0] === other[0] && one[1] === other[1];

function nearestVertex(features: readonly LineFeature[], place: Position, [sx, sy]: Scale, but: readonly Position[]): Found | null {
  let best: { place: Position; away: number; codes: string[] } | null = null;
  for (const { geometry, properties } of features) {
    for (const ring of ringsOf(geometry)) {
      for (const point of ring) {
        if (but.some((one) => same(point, one))) continue;
        const away = Math.hypot((point[0] - place[0]) * sx, (point[1] - place[1]) * sy);
        if (!best || away < best.away) best = { place: point, away, codes: [properties.code] };
        else if (same(point, best.place) && !best.codes.includes(properties.code)) best.codes.push(properties.code);
      }
    }
  }
  return best && { kind: "vertex", ...best };
}

function nearestEdge(features: readonly LineFeature[], place: Position, scale: Scale, but: readonly Position[]): Found | null {
  let best: { place: Position; away: number; codes: string[] } | null = null;
  for (const { geometry, properties } of features) {
    for (const ring of ringsOf(geometry)) {
      for (let i = 1; i < ring.length; i++) {
        const [start, end] = [ring[i - 1] as Position, ring[i] as Position];
        if (but.some((one) => same(start, one) || same(end, one))) continue;
        const foot = footOn(start, end, place, scale);
        if (!best || foot.away < best.away - 1e-6) best = { ...foot, codes: [properties.code] };
        else if (Math.abs(foot.away - best.away) <= 1e-6 && !best.codes.includes(properties.code)) best.codes.push(properties.code);
      }
    }
  }
  return best && { kind: "edge", ...best };
}

/** The point of a segment that is nearest to a place. */
function footOn(start: Position, end: Position, place: Position, [sx, sy]: Scale): { place: Position; away: number } {
  const [wx, wy] = [(end[0] - start[0]) * sx, (end[1] - start[1]) * sy];
  const [px, py] = [(place[0] - start[0]) * sx, (place[1] - start[1]) * sy];
  const length = wx * wx + wy * wy;
  const share = length ? Math.min(1, Math.max(0, (px * wx + py * wy) / length)) : 0;
  const foot: Position = [start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])];
  return { place: foot, away: Math.hypot(px - share * wx, py - share * wy) };
}

const DECIMALS = 7;

/** A place on the grid of what is drawn: 1e-7 degrees, about a centimetre. */
export function rounded([lon, lat]: Position): Position {
  return [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
}

/** Square metres of a shape, on a plane. */
export function areaOf(shape: Shape): number {
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return parts.reduce((sum, [outer, ...holes]) => sum + ringArea(outer ?? []) - holes.reduce((hole, ring) => hole + ringArea(ring), 0), 0);
}

function ringArea(ring: Ring): number {
  const first = ring[0];
  if (!first) return 0;
  const [sx, sy] = scaleAt(first);
  let doubled = 0;
  for (let i = 1; i < ring.length; i++) {
    const [[x0, y0], [x1, y1]] = [ring[i - 1] as Position, ring[i] as Position];
    doubled += (x0 - first[0]) * (y1 - first[1]) - (x1 - first[0]) * (y0 - first[1]);
  }
  return (Math.abs(doubled) / 2) * sx * sy;
}

/** A place for the name of a division: the middle of the widest stretch across its half height. */
export function labelPlace(shape: Shape): Position {
  const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  const rings = parts.reduce((best, part) => (ringArea(part[0] ?? []) > ringArea(best[0] ?? []) ? part : best), parts[0] ?? []);
  const lats = (rings[0] ?? []).map(([, lat]) => lat);
  // Not through a corner: a line there would count its crossing twice, or not at all.
  const y = (Math.min(...lats) + Math.max(...lats)) / 2 + 1e-9;
  const crossings = rings.flatMap((ring) => crossed(ring, y)).sort((a, b) => a - b);
  let best: readonly [number, number] = [crossings[0] ?? 0, crossings[0] ?? 0];
  for (let i = 1; i < crossings.length; i += 2) {
    const stretch = [crossings[i - 1] as number, crossings[i] as number] as const;
    if (stretch[1] - stretch[0] > best[1] - best[0]) best = stretch;
  }
  return [(best[0] + best[1]) / 2, y];
}

function crossed(ring: Ring, y: number): number[] {
  return ring.slice(1).flatMap(([x1, y1], i) => {
    const [x0, y0] = ring[i] as Position;
    return y0 > y !== y1 > y ? [((x1 - x0) * (y - y0)) / (y1 - y0) + x0] : [];
  });
}

/** Places along a line, no further from each other than `stepM` metres, its corners among them. */
export function walked(line: readonly Position[], stepM: number): Position[] {
  return line.flatMap((point, i) => {
    const from = line[i - 1];
    if (!from) return [point];
    const steps = Math.max(1, Math.ceil(metresBetween(from, point) / stepM));
    return Array.from({ length: steps }, (_, n): Position => {
      const share = (n + 1) / steps;
      return [from[0] + share * (point[0] - from[0]), from[1] + share * (point[1] - from[1])];
    });
  });
}
