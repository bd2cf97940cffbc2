/** How a figure has changed, and whether that is good for the load: by the figure, not by the sign. Pure. */

import type { FiguresByCode, PlanFigures } from "../wire/plans";

/** In the order in which the screen lists them. */
export const FIGURES = [
  "workload_minutes",
  "load_deviation",
  "incidents",
  "open_incidents",
  "farthest_minutes",
  "households",
  "enterprises",
  "cameras",
  "communities_split",
  "compactness",
] as const satisfies readonly (keyof PlanFigures)[];
export type FigureName = (typeof FIGURES)[number];

/** Counts whose sum over the grids is the whole's. */
export const SUMS = ["workload_minutes", "incidents", "open_incidents", "households", "enterprises", "cameras"] as const satisfies readonly FigureName[];

export type Tone = "good" | "bad" | "even";
export type Change = { before: number | null; after: number | null; delta: number | null; tone: Tone };

const EVEN = 1e-9;

/** How far a figure is from the best it could be; null where more is neither better nor worse. */
function badness(name: FigureName, row: PlanFigures | undefined): number | null {
  if (!row) return null;
  switch (name) {
    case "workload_minutes":
    case "load_deviation":
      return row.load_deviation === null ? null : Math.abs(row.load_deviation);
    case "farthest_minutes":
      return row.farthest_minutes;
    case "communities_split":
      return row.communities_split;
    case "compactness":
      return -row.compactness;
    default:
      return null;
  }
}

/** A figure before and after. What is not known, or was not there, is null, and has no change. */
export function changeOf(name: FigureName, before: PlanFigures | undefined, after: PlanFigures | undefined): Change {
  const [was, is] = [before?.[name] ?? null, after?.[name] ?? null];
  const delta = was === null || is === null ? null : is - was;
  const [worse, than] = [badness(name, after), badness(name, before)];
  const known = delta !== null && Math.abs(delta) > EVEN && worse !== null && than !== null && Math.abs(worse - than) > EVEN;
  return { before: was, after: is, delta, tone: known ? (worse < than ? "good" : "bad") : "even" };
}

/** Whether anything is not what it was: also where a division is new, or has ended. */
export function isChanged(before: PlanFigures | undefined, after: PlanFigures | undefined): boolean {
  if (!before || !after) return before !== after;
  return FIGURES.some((name) => Math.abs(changeOf(name, before, after).delta ?? Number(before[name] !== after[name])) > EVEN);
}

/** By how much a count has changed over some divisions together: zero, where what one loses another one gains. */
export function sumOfChanges(name: FigureName, codes: Iterable<string>, before: FiguresByCode, after: FiguresByCode): number {
  let sum = 0;
  for (const code of codes) sum += (after[code]?.[name] ?? 0) - (before[code]?.[name] ?? 0);
  return sum;
}
