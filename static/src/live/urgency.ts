/** How much a matter needs a hand: what the queue is ordered by and what colours on the map mean. Pure. */

import type { Incident } from "../wire/types";

/** `now`: needs a hand now. `soon`: soon will. `wait`: within its time. `served`: somebody has it. `closed`: done. */
export type Urgency = "now" | "soon" | "wait" | "served" | "closed";

/** The last part of the first clock in which a matter turns amber. */
const SOON_SHARE = 0.34;

export function isWaiting(incident: Incident): boolean {
  return incident.status === "registered";
}

export function isClosed(incident: Incident): boolean {
  return incident.status === "closed";
}

/** Milliseconds until the first clock runs out; negative once it has. */
export function dueIn(incident: Incident, now: number): number {
  return Date.parse(incident.first_due_at) - now;
}

/** `topRisk` is the gravest grade of the pack: such a matter needs a hand from its first second. */
export function urgencyOf(incident: Incident, now: number, topRisk: string): Urgency {
  if (isClosed(incident)) return "closed";
  if (!isWaiting(incident)) return "served";
  const left = dueIn(incident, now);
  if (left <= 0 || incident.risk === topRisk) return "now";
  const allowed = Date.parse(incident.first_due_at) - Date.parse(incident.registered_at);
  return left <= allowed * SOON_SHARE ? "soon" : "wait";
}

/** Unserved before served; then the graver risk; then the older. `rank` maps a risk to its place, gravest highest. */
export function queueOrder(rank: ReadonlyMap<string, number>): (a: Incident, b: Incident) => number {
  return (a, b) =>
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    (rank.get(b.risk) ?? 0) - (rank.get(a.risk) ?? 0) ||
    a.registered_at.localeCompare(b.registered_at) ||
    a.id - b.id;
}
