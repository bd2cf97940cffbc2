/** Counts open incidents by the areas one level below a scope. Pure. */

import type { Incident } from "../../wire/types";

export type Area = { code: string; waiting: number; overdue: number; underWay: number };

/** The code of the area one level below `scope` (a path) that contains `path`; the scope's own where there is none. */
export function areaOf(path: string, scope: string): string {
  const codes = path.split(".");
  const depth = scope.split(".").length;
  return codes[depth] ?? codes.at(-1) ?? "";
}

/** Areas that fit on the wall at once. */
const ROWS = 13;

/** In how many turns all areas are shown. */
export function pagesOf(areas: readonly Area[]): number {
  return Math.max(1, Math.ceil(areas.length / ROWS));
}

export function pageOf(areas: readonly Area[], turn: number): readonly Area[] {
  const from = (turn % pagesOf(areas)) * ROWS;
  return areas.slice(from, from + ROWS);
}

/** Counts by area, busiest first. `queue` holds open incidents only; `codes` are the areas that are always listed. */
export function areasOf(queue: readonly Incident[], scope: string, now: number, codes: readonly string[] = []): Area[] {
  const areas = new Map<string, Area>(codes.map((code) => [code, { code, waiting: 0, overdue: 0, underWay: 0 }]));
  for (const incident of queue) {
    const code = areaOf(incident.division_path, scope);
    const area = areas.get(code) ?? { code, waiting: 0, overdue: 0, underWay: 0 };
    areas.set(code, area);
    if (incident.status !== "registered") area.underWay += 1;
    else {
      area.waiting += 1;
      if (Date.parse(incident.first_due_at) < now) area.overdue += 1;
    }
  }
  return [...areas.values()].sort((a, b) => b.waiting + b.underWay - a.waiting - a.underWay || a.code.localeCompare(b.code));
}
