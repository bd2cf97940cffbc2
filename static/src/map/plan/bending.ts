/** Bends an edge: what lies near the hand on it goes along, the less the further off, and its ends stay. Pure.
 *
 * Digitised lines have a corner every few metres: to move one alone would draw a spike.
 */

import type { LineFeature, Position } from "../../wire/plans";
import { metresBetween, ringsOf, type Found } from "./outlines";

/** An edge between the corners at which others meet it, and the number of the corner in hand. */
export type Edge = { line: readonly Position[]; at: number };

const keyOf = (one: Position, other: Position) => (String(one) < String(other) ? `${one} ${other}` : `${other} ${one}`);
const same = (one: Position, other: Position) => one[0] === other[0] && one[1] === other[1];

/** The edge that a found place lies on, of the finest divisions around it; null at a corner where several edges meet. */
export function edgeAt(found: Found, around: readonly LineFeature[]): Edge | null {
  const owners = new Map<string, string[]>();
  for (const { geometry, properties } of around) {
    for (const ring of ringsOf(geometry)) for (let i = 1; i < ring.length; i++) push(owners, keyOf(ring[i - 1] as Position, ring[i] as Position), properties.code);
  }
  for (const { geometry } of around) {
    for (const ring of ringsOf(geometry)) {
      const edge = edgeOn(ring.slice(0, -1), found, owners);
      if (edge) return edge;
    }
  }
  return null;
}

function push(owners: Map<string, string[]>, key: string, code: string): void {
  const known = owners.get(key);
  if (known) known.push(code);
  else owners.set(key, [code]);
}

function edgeOn(ring: readonly Position[], found: Found, owners: ReadonlyMap<string, readonly string[]>): Edge | null {
  const n = ring.length;
  const point = (i: number) => ring[((i % n) + n) % n] as Position;
  const sides = (i: number) => (owners.get(keyOf(point(i), point(i + 1))) ?? []).toSorted().join();
  const start = startOn(ring, found, point);
  if (start === null) return null;
  const own = sides(start);
  // Only one division has it: it is the border of the plan, which stays.
  if (!own.includes(",") || (found.kind === "vertex" && sides(start - 1) !== own)) return null;
  let [first, last] = [start, start + 1];
  while (last - first < n && sides(first - 1) === own) first -= 1;
  while (last - first < n && sides(last) === own) last += 1;
  const line = Array.from({ length: last - first + 1 }, (_, i) => point(first + i));
  if (found.kind === "vertex") return { line, at: start - first };
  return { line: line.toSpliced(start - first + 1, 0, found.place), at: start - first + 1 };
}

/** The number of the segment that begins at the found corner, or that the found place lies on. */
function startOn(ring: readonly Position[], found: Found, point: (i: number) => Position): number | null {
  const at = ring.findIndex((one, i) => (found.kind === "vertex" ? same(one, found.place) : liesBetween(found.place, one, point(i + 1))));
  return at < 0 ? null : at;
}

const ON_M = 0.02;

function liesBetween(place: Position, start: Position, end: Position): boolean {
  return metresBetween(start, place) + metresBetween(place, end) - metresBetween(start, end) < ON_M;
}

/** The edge after the corner in hand went to a place; others within `radiusM` along the line follow. */
export function bent({ line, at }: Edge, to: Position, radiusM: number): Position[] {
  const held = line[at] as Position;
  const [dx, dy] = [to[0] - held[0], to[1] - held[1]];
  const along = distances(line, at);
  const back = Math.min(radiusM, along[0] as number);
  const forth = Math.min(radiusM, along.at(-1) as number);
  return line.map((point, i): Position => {
    if (i === at) return to;
    const share = (along[i] as number) / (i < at ? back : forth);
    const weight = share < 1 ? (1 - share * share) ** 2 : 0;
    return weight ? [point[0] + dx * weight, point[1] + dy * weight] : point;
  });
}

/** Metres of each corner from the one in hand, along the line. */
function distances(line: readonly Position[], at: number): number[] {
  const found = line.map(() => 0);
  for (let i = at + 1; i < line.length; i++) found[i] = (found[i - 1] as number) + metresBetween(line[i - 1] as Position, line[i] as Position);
  for (let i = at - 1; i >= 0; i--) found[i] = (found[i + 1] as number) + metresBetween(line[i + 1] as Position, line[i] as Position);
  return found;
}
