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

type Clock = { registered: number; due: number };
const clocks = new WeakMap<Incident, Clock>();

/** When the first clock began and when it runs out. Parsed once for each version: thousands are asked every second. */
function clockOf(incident: Incident): Clock {
  const known = clocks.get(incident);
  if (known) return known;
  const clock = { registered: Date.parse(incident.registered_at), due: Date.parse(incident.first_due_at) };
  clocks.set(incident, clock);
  return clock;
}

/** Milliseconds until the first clock runs out; negative once it has. */
export function dueIn(incident: Incident, now: number): number {
  return clockOf(incident).due - now;
}

/** `topRisk` is the gravest grade of the pack: such a matter needs a hand from its first second. */
export function urgencyOf(incident: Incident, now: number, topRisk: string): Urgency {
  if (isClosed(incident)) return "closed";
  if (!isWaiting(incident)) return "served";
  const { registered, due } = clockOf(incident);
  if (due <= now || incident.risk === topRisk) return "now";
  return due - now <= (due - registered) * SOON_SHARE ? "soon" : "wait";
}

/** Letter by letter, as times in one zone want it: by a language's rules it takes twenty times as long. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Unserved before served; then the graver risk; then the older. `rank` maps a risk to its place, gravest highest. */
export function queueOrder(rank: ReadonlyMap<string, number>): (a: Incident, b: Incident) => number {
  return (a, b) =>
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    (rank.get(b.risk) ?? 0) - (rank.get(a.risk) ?? 0) ||
    compare(a.registered_at, b.registered_at) ||
    a.id - b.id;
}
