/** The days of the lines: stops of a slider, each with what changed. Pure. */

import type { DaysOfLines, LineChange } from "../wire/planning";

/** What people look for first. */
export const CHANGES = ["redrawn", "begun", "ended", "renamed", "surveyed"] as const satisfies readonly LineChange[];

/** `weight`: how much changed: the lines, a name alone, a survey alone, or nothing, on the day that all began. */
export type Stop = { day: string; weight: "lines" | "name" | "survey" | "start"; counts: { change: LineChange; n: number }[]; codes: string[] };

export function stopsOf({ start, items }: DaysOfLines): Stop[] {
  return [
    { day: start, weight: "start", counts: [], codes: [] },
    ...items.map(({ day, counts, changes }) => {
      const some = CHANGES.map((change) => ({ change, n: counts[change] ?? 0 })).filter(({ n }) => n > 0);
      return { day, weight: weightOf(some.map(({ change }) => change)), counts: some, codes: changes.map(({ code }) => code) };
    }),
  ];
}

function weightOf(changes: readonly LineChange[]): Stop["weight"] {
  if (changes.some((change) => change === "redrawn" || change === "begun" || change === "ended")) return "lines";
  return changes.includes("renamed") ? "name" : "survey";
}

/** The stop whose lines are in force on a day: the last one that is not later. */
export function stopOn(stops: readonly Stop[], day: string): number {
  return Math.max(0, stops.findLastIndex((stop) => stop.day <= day));
}
