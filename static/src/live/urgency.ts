/** Urgency of an incident: order of the queue and colours of the map. Pure. */

import type { Incident } from "../wire/types";

/** `now`: needs action now. `soon`: due soon. `wait`: within its time. `served`: a force is on it. `closed`: done. */
export type Urgency = "now" | "soon" | "wait" | "served" | "closed";

/** The last share of the first-response time, in which an incident is due soon. */
const SOON_SHARE = 0.34;

/** Open incidents of a moment before the record began: whether they waited is not known. */
const UNKNOWN = Symbol("of a moment before the record");

type MaybeUnknown = Incident & { [UNKNOWN]?: true };

export function markUnknown(incident: MaybeUnknown): void {
  incident[UNKNOWN] = true;
}

export function isKnown(incident: MaybeUnknown): boolean {
  return incident[UNKNOWN] !== true;
}

export function isWaiting(incident: Incident): boolean {
  return incident.status === "registered" && isKnown(incident);
}

export function isClosed(incident: Incident): boolean {
  return incident.status === "closed";
}

/** What was sent has finished; the case goes on with the unit in charge, and nobody need be sent. */
export function isHandled(incident: Incident): boolean {
  return incident.status === "handled";
}

type Clock = { registered: number; due: number };
const clocks = new WeakMap<Incident, Clock>();

/** Start and end of the first-response time. Cached per version: thousands are read every second. */
function clockOf(incident: Incident): Clock {
  const known = clocks.get(incident);
  if (known) return known;
  const clock = { registered: Date.parse(incident.registered_at), due: Date.parse(incident.first_due_at) };
  clocks.set(incident, clock);
  return clock;
}

/** Milliseconds until the first response is due; negative once overdue. */
export function dueIn(incident: Incident, now: number): number {
  return clockOf(incident).due - now;
}

/** `topRisk` is the highest risk of the pack: such an incident needs action at once. */
export function urgencyOf(incident: Incident, now: number, topRisk: string): Urgency {
  if (isClosed(incident) || !isKnown(incident)) return "closed";
  if (!isWaiting(incident)) return "served";
  const { registered, due } = clockOf(incident);
  if (due <= now || incident.risk === topRisk) return "now";
  return due - now <= (due - registered) * SOON_SHARE ? "soon" : "wait";
}

/** Compares times in one zone as plain strings: `localeCompare` takes twenty times as long. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Order of the queue: waiting first, then higher risk, then older. `rank` maps a risk to its rank. */
export function queueOrder(rank: ReadonlyMap<string, number>): (a: Incident, b: Incident) => number {
  return (a, b) =>
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    (rank.get(b.risk) ?? 0) - (rank.get(a.risk) ?? 0) ||
    compare(a.registered_at, b.registered_at) ||
    a.id - b.id;
}
