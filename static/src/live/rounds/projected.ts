/** Rounds and visits as they stand after what was given on this phone and the server has not told yet. Pure. */

import type { CommandLine } from "../../wire/commands";
import type { Mark, PatrolRound, PatrolRoute, RoundPoint } from "../../wire/rounds";
import { metresBetween } from "../metres";

export type PointShown = Omit<RoundPoint, "last" | "earlier"> & { last: MarkShown | null };
/** A report; `unsent` while it is kept on this phone. */
export type MarkShown = Pick<Mark, "id" | "how" | "at" | "distance_m" | "accuracy_m" | "age_s" | "far" | "reason"> & { unsent: boolean };
export type RoundShown = Pick<PatrolRound, "id" | "route" | "route_name" | "grid" | "division_path" | "started_at" | "ended_at"> & { points: PointShown[] };
export type Tally = { checked: number; left_out: number; unreported: number };
export type VisitShown = { id: string; kind: "household" | "enterprise"; count: number };

/** As the server has it: a report is far if it is farther even at the near edge of its accuracy. */
const FAR_M = 100;

const NONE: ReadonlySet<string> = new Set();

/** The rounds of this phone, the latest first. `given`: lines in the order in which they were given; the server has answered those of `sent`. */
export function roundsAfter(rounds: readonly PatrolRound[], routes: readonly PatrolRoute[], given: readonly CommandLine[], sent = NONE): RoundShown[] {
  const shown: RoundShown[] = rounds.map((round) => ({ ...round, points: round.points.map((point) => ({ ...point, last: point.last && { ...point.last, unsent: false } })) }));
  const known = new Set(rounds.flatMap(({ points }) => points.flatMap(({ last, earlier }) => [...(last ? [last.id] : []), ...earlier.map(({ id }) => id)])));
  for (const line of given) {
    if (line.command === "start_round") start(shown, routes, line);
    const round = shown.find(({ id }) => id === line.round);
    if (!round) continue;
    if (line.command === "end_round") round.ended_at ??= line.device_at;
    const point = round.points.find(({ id }) => id === line.point);
    if (point && !known.has(line.id) && (line.command === "check_in" || line.command === "leave_out")) point.last = { ...markOf(line, point), unsent: !sent.has(line.id) };
  }
  return shown.sort((one, other) => Date.parse(other.started_at) - Date.parse(one.started_at));
}

function start(shown: RoundShown[], routes: readonly PatrolRoute[], line: CommandLine): void {
  const route = routes.find(({ id }) => id === line.route);
  if (!route || shown.some(({ id }) => id === line.id)) return;
  const points = route.points.map(({ id, name, lon, lat }) => ({ id, name, lon, lat, last: null }));
  const of = { route: route.id, route_name: route.name, grid: route.grid, division_path: route.division_path };
  shown.push({ id: line.id, ...of, started_at: line.device_at, ended_at: null, points });
}

function markOf(line: CommandLine, point: Pick<PointShown, "lon" | "lat">): Omit<MarkShown, "unsent"> {
  const left = line.command === "leave_out";
  const { lon, lat, accuracy_m = null, age_s = null } = line;
  const distance = left || lon === undefined || lat === undefined ? null : metresBetween([lon, lat], [point.lon, point.lat]);
  return {
    id: line.id,
    how: left ? "left_out" : line.code === undefined ? "place" : "qr",
    at: line.device_at,
    distance_m: distance,
    accuracy_m: distance === null ? null : accuracy_m,
    age_s: distance === null ? null : age_s,
    far: distance !== null && distance - (accuracy_m ?? 0) > FAR_M,
    reason: line.reason ?? line.note ?? "",
  };
}

export function tallyOf({ points }: Pick<RoundShown, "points">): Tally {
  const said = points.flatMap(({ last }) => (last ? [last.how] : []));
  const left = said.filter((how) => how === "left_out").length;
  return { checked: said.length - left, left_out: left, unreported: points.length - said.length };
}

/** How many households and premises were called on. */
export function visitsAfter(visits: readonly VisitShown[], given: readonly CommandLine[]): { household: number; enterprise: number } {
  const known = new Map(visits.map((one) => [one.id, one]));
  for (const { id, command, kind, count } of given) if (command === "visit" && kind && !known.has(id)) known.set(id, { id, kind, count: count ?? 1 });
  const sum = (kind: VisitShown["kind"]): number => [...known.values()].filter((one) => one.kind === kind).reduce((total, { count }) => total + count, 0);
  return { household: sum("household"), enterprise: sum("enterprise") };
}
