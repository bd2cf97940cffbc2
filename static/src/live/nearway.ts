/** Whether an area lies on a way or near it. Pure. */

type Point = readonly [number, number];

const METRES_PER_DEGREE = 111_195;

/** Whether a ring comes within `metres` of a line, or holds its beginning. Points are longitude and latitude. */
export function comesNear(ring: readonly Point[], line: readonly Point[], metres: number): boolean {
  const first = line[0];
  if (!first) return false;
  const narrow = Math.cos((first[1] * Math.PI) / 180);
  const flat = ([lon, lat]: Point): Point => [(lon - first[0]) * narrow * METRES_PER_DEGREE, (lat - first[1]) * METRES_PER_DEGREE];
  const [area, way] = [sidesOf(ring.map(flat)), sidesOf(line.length > 1 ? line.map(flat) : [[0, 0], [0, 0]])];
  return holdsOrigin(area) || area.some((side) => way.some((stretch) => apart(side, stretch) <= metres));
}

type Side = readonly [Point, Point];

const sidesOf = (points: readonly Point[]): Side[] => points.slice(1).map((point, i) => [points[i] as Point, point]);

/** Metres between two straight stretches. */
function apart(one: Side, other: Side): number {
  const turns = (a: Point, b: Point, c: Point): number => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  const parts = ([a, b]: Side, [c, d]: Side): boolean => turns(a, b, c) * turns(a, b, d) < 0;
  if (parts(one, other) && parts(other, one)) return 0;
  return Math.min(...one.map((point) => toSide(point, other)), ...other.map((point) => toSide(point, one)));
}

function toSide([x, y]: Point, [[x1, y1], [x2, y2]]: Side): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/** Whether the line's beginning, the origin, lies within. */
function holdsOrigin(sides: readonly Side[]): boolean {
  const east = ([[x1, y1], [x2, y2]]: Side): boolean => y1 > 0 !== y2 > 0 && x1 - (y1 * (x2 - x1)) / (y2 - y1) > 0;
  return sides.filter(east).length % 2 === 1;
}
