/** Where a force is taken to be, by the same rule by which the server ranks candidates. Pure. */

import type { Force } from "../wire/types";
import type { Fleet } from "./fleet.svelte";

/** `seenAt` is when its fix was taken, epoch milliseconds; null for one that is known by its home post alone. */
export type Standing = { lon: number; lat: number; seenAt: number | null };

/** A fix says where a force is if it is on duty. On call one is at home, unless the device has just told. */
export function counts(force: Force, seenAt: number, when: { now: number; staleMs: number }): boolean {
  return force.duty === "on" || when.now - seenAt <= when.staleMs;
}

export function standing(force: Force, fleet: Fleet, when: { now: number; staleMs: number }): Standing {
  const at = fleet.where(force.id);
  const seenAt = fleet.seenAt(force.id);
  if (at && seenAt !== undefined && counts(force, seenAt, when)) return { lon: at[0], lat: at[1], seenAt };
  return { lon: force.home_lon, lat: force.home_lat, seenAt: null };
}
