/** Open incidents that may be the one being written down, by the limits of the county. Pure. */

import type { Incident } from "../../../wire/types";
import { metresBetween } from "../../../live/metres";
import { pointOf } from "../../../live/placed";
import type { Point } from "./draft.svelte";

export type Limits = { metres: number; minutes: number };
export type Near = { incident: Incident; metres: number | null };

/** The distance of two incidents, null where one has no place. */
export function metresApart(one: Incident, other: Incident): number | null {
  const [from, to] = [pointOf(one), pointOf(other)];
  return from && to ? metresBetween(from, to) : null;
}

/** What is written down so far. */
export type Sought = { category: string; point: Point | null; address: string };

/**
 * Open incidents of the same class near the point, or with the same words for their place, and recent: the nearest first.
 * A wider net than the server's, which links one category only: a caller may call the same quarrel by another name.
 */
export function likelyTwins(incidents: readonly Incident[], sought: Sought, { limits, now }: { limits: Limits; now: number }): Near[] {
  const { point } = sought;
  const recent = (incident: Incident) => Math.abs(now - Date.parse(incident.occurred_at)) <= limits.minutes * 60_000;
  const near = incidents.filter((incident) => recent(incident) && sameClass(incident.category, sought.category)).flatMap((incident): Near[] => {
    const there = pointOf(incident);
    if (point && there) {
      const metres = metresBetween(point, there);
      return metres <= limits.metres ? [{ incident, metres }] : [];
    }
    return sameWords(incident.address, sought.address) ? [{ incident, metres: null }] : [];
  });
  return near.sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity) || b.incident.id - a.incident.id);
}

function sameClass(one: string, other: string): boolean {
  return other === "" || one.split(".")[0] === other.split(".")[0];
}

function sameWords(one: string, other: string): boolean {
  const [a, b] = [one, other].map((words) => words.replace(/\s+/g, "").toLowerCase()) as [string, string];
  return a !== "" && b !== "" && (a.includes(b) || b.includes(a));
}
