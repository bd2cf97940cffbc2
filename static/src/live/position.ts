/** Position of a force, by the rule by which the server ranks candidates. Pure. */

import type { Force } from "../wire/types";
import type { Fleet } from "./fleet.svelte";

/** `seenAt`: when the fix was taken, epoch milliseconds; null for a home post. */
export type Position = { lon: number; lat: number; seenAt: number | null };

/** Whether a fix counts: always on duty; on call only a fresh one, else the force is at home. */
export function isFixUsable(force: Force, seenAt: number, when: { now: number; staleMs: number }): boolean {
  return force.duty === "on" || when.now - seenAt <= when.staleMs;
}

export function positionOf(force: Force, fleet: Fleet, when: { now: number; staleMs: number }): Position {
  const at = fleet.where(force.id);
  const seenAt = fleet.seenAt(force.id);
  if (at && seenAt !== undefined && isFixUsable(force, seenAt, when)) return { lon: at[0], lat: at[1], seenAt };
  return { lon: force.home_lon, lat: force.home_lat, seenAt: null };
}
