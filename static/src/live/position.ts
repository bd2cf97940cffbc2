/** Position of a force, by the rule by which the server ranks candidates. Pure. */

import type { Force } from "../wire/types";
import type { Fleet } from "./fleet.svelte";

/** `seenAt`: when the fix was taken, epoch milliseconds; null for a home post. */
export type Position = { lon: number; lat: number; seenAt: number | null };

/** Whether a fix counts: always on duty; on call only a fresh one, else the force is at home. */
export function isFixUsable(force: Force, seenAt: number, when: { now: number; staleMs: number }): boolean {
  return force.duty === "on" || when.now - seenAt <= when.staleMs;
}

/** Degrees from the middle of a masked cell at which its forces are drawn: well within it. */
const ASIDE_DEG = 0.001;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/** Where a force of a masked scene is drawn: beside the middle of its cell, where incidents are drawn, and beside each other. */
export function aside(force: number, [lon, lat]: readonly [number, number]): [number, number] {
  const angle = force * GOLDEN_ANGLE;
  return [lon + (Math.cos(angle) * ASIDE_DEG) / Math.cos((lat * Math.PI) / 180), lat + Math.sin(angle) * ASIDE_DEG];
}

export function positionOf(force: Force, fleet: Fleet, when: { now: number; staleMs: number }): Position {
  const at = fleet.where(force.id);
  const seenAt = fleet.seenAt(force.id);
  if (at && seenAt !== undefined && isFixUsable(force, seenAt, when)) return { lon: at[0], lat: at[1], seenAt };
  return { lon: force.home_lon, lat: force.home_lat, seenAt: null };
}
