/** The roster as a table: towns with those who serve there, by the days of the county. Pure. */

import type { Attendance, Gap, Leave, Roster, Shift, Who } from "../../wire/rosters";

/** What one day of somebody holds. A shift stands on the day it begins, and leave on each of its days. */
export type Cell = { shifts: Shift[]; leaves: Leave[] };
export type Row = { key: string; who: Who; cells: Cell[] };
/** A town's day: how many serve in which way, and how many are missing at the worst moment. */
export type Sum = { resident: number; rotating: number; on_call: number; missing: number; gaps: Gap[] };
export type Area = { code: string; name: string; rows: Row[]; sums: Sum[]; gaps: number };

/** Ways of attendance, the closest first. */
export const WAYS = ["resident", "rotating", "on_call"] as const satisfies readonly Attendance[];

type DayOf = (moment: string) => string;

export function daysFrom(first: string, count: number, after: (day: string, days: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => after(first, i));
}

export const keyOf = ({ kind, id }: Pick<Who, "kind" | "id">) => `${kind}:${id}`;

/** The roster of those of one attendance: their shifts in it, and their leave. */
export function ofWay(roster: Roster, way: Attendance): Roster {
  const items = roster.items.filter(({ attendance }) => attendance === way);
  const whos = new Set(items.map(({ who }) => keyOf(who)));
  return { ...roster, items, leaves: roster.leaves.filter(({ who }) => whos.has(keyOf(who))) };
}

/** Areas by name, each with those who serve there, the earliest and those longest there first. */
export function tableOf(roster: Roster, days: readonly string[], dayOf: DayOf, nameOf: (code: string) => string): Area[] {
  const column = new Map(days.map((day, i) => [day, i]));
  const areas = new Map<string, { rows: Map<string, Row>; gaps: Gap[] }>();
  const area = (code: string) => areas.get(code) ?? areas.set(code, { rows: new Map(), gaps: [] }).get(code)!;
  const row = (code: string, who: Who) => {
    const { rows } = area(code);
    const key = keyOf(who);
    return rows.get(key) ?? rows.set(key, { key, who, cells: days.map(() => ({ shifts: [], leaves: [] })) }).get(key)!;
  };
  for (const shift of roster.items) {
    // A night that began on the day before stands in the first column.
    const at = column.get(dayOf(shift.starts_at)) ?? (dayOf(shift.starts_at) < (days[0] ?? "") ? 0 : undefined);
    const cell = at === undefined ? undefined : row(shift.area, shift.who).cells[at];
    cell?.shifts.push(shift);
  }
  for (const leave of roster.leaves) {
    const { cells } = row(leave.area, leave.who);
    const [first, last] = [dayOf(leave.starts_at), dayOf(new Date(Date.parse(leave.ends_at) - 1).toISOString())];
    days.forEach((day, i) => {
      if (first <= day && day <= last) cells[i]?.leaves.push(leave);
    });
  }
  for (const gap of roster.gaps) area(gap.area).gaps.push(gap);
  return [...areas]
    .map(([code, { rows, gaps }]) => ({
      code,
      name: nameOf(code),
      rows: [...rows.values()].sort((a, b) => rank(a) - rank(b) || (a.who.name ?? "").localeCompare(b.who.name ?? "", "zh")),
      sums: days.map((day, i) => sumOf([...rows.values()].map(({ cells }) => cells[i]), gaps.filter((gap) => dayOf(gap.starts_at) === day))),
      gaps: gaps.length,
    }))
    .sort((a, b) => a.code.length - b.code.length || a.code.localeCompare(b.code));
}

function rank({ cells }: Row): number {
  const first = cells.flatMap(({ shifts }) => shifts)[0];
  return first ? WAYS.indexOf(first.attendance) : WAYS.length;
}

function sumOf(cells: readonly (Cell | undefined)[], gaps: Gap[]): Sum {
  const sum: Sum = { resident: 0, rotating: 0, on_call: 0, missing: 0, gaps };
  for (const cell of cells) {
    const served = cell?.shifts.filter((shift) => !cell.leaves.some((leave) => covers(leave, shift))) ?? [];
    for (const way of new Set(served.map(({ attendance }) => attendance))) sum[way] += 1;
  }
  sum.missing = Math.max(0, ...gaps.map(({ least, held }) => least - held));
  return sum;
}

type Range = { starts_at: string; ends_at: string };

export function covers(leave: Range, shift: Range): boolean {
  return Date.parse(leave.starts_at) <= Date.parse(shift.starts_at) && Date.parse(shift.ends_at) <= Date.parse(leave.ends_at);
}

/** How many serve in which way at a moment, leave taken away. */
export function servingAt(roster: Roster, now: number): Record<Shift["attendance"], number> {
  const counts = { resident: 0, rotating: 0, on_call: 0 };
  const holds = ({ starts_at, ends_at }: Range) => Date.parse(starts_at) <= now && now < Date.parse(ends_at);
  const away = new Set(roster.leaves.filter(holds).map(({ who }) => keyOf(who)));
  for (const shift of roster.items) if (holds(shift) && !away.has(keyOf(shift.who))) counts[shift.attendance] += 1;
  return counts;
}
