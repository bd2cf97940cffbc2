/** The days of the lines: stops of a slider, each with what changed. Pure. */

import type { DaysOfLines, LineChange } from "../wire/planning";

/** What people look for first. */
export const CHANGES = ["redrawn", "begun", "ended", "renamed", "surveyed"] as const satisfies readonly LineChange[];

type Names = { zh: string; en: string };
/** A sector, and the day on which its network of today began; null without one. */
export type SectorSince = { names: Names; since: string | null };

/**
 * `weight`: how much changed: the lines, a name alone, a survey alone, a network alone, or nothing, on the day that all
 * began. `networks`: the sectors whose network began.
 */
export type Stop = { day: string; weight: "lines" | "name" | "survey" | "network" | "start"; counts: { change: LineChange; n: number }[]; codes: string[]; networks: Names[] };

export function stopsOf({ start, items }: DaysOfLines, sectors: readonly SectorSince[] = []): Stop[] {
  const stops: Stop[] = [
    { day: start, weight: "start", counts: [], codes: [], networks: [] },
    ...items.map(({ day, counts, changes }) => {
      const some = CHANGES.map((change) => ({ change, n: counts[change] ?? 0 })).filter(({ n }) => n > 0);
      return { day, weight: weightOf(some.map(({ change }) => change)), counts: some, codes: changes.map(({ code }) => code), networks: [] };
    }),
  ];
  for (const { names, since } of sectors) {
    if (since === null || since <= start) continue;
    let stop = stops.find(({ day }) => day === since);
    if (!stop) stops.push((stop = { day: since, weight: "network", counts: [], codes: [], networks: [] }));
    stop.networks.push(names);
  }
  return stops.sort((a, b) => a.day.localeCompare(b.day));
}

function weightOf(changes: readonly LineChange[]): Stop["weight"] {
  if (changes.some((change) => change === "redrawn" || change === "begun" || change === "ended")) return "lines";
  return changes.includes("renamed") ? "name" : "survey";
}

/** The stop whose lines are in force on a day: the last one that is not later. */
export function stopOn(stops: readonly Stop[], day: string): number {
  return Math.max(0, stops.findLastIndex((stop) => stop.day <= day));
}
