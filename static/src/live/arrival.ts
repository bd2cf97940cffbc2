/** When a force that was sent arrives, by the server's own estimate: the straight distance, a detour, and a start. Pure. */

import type { County, Task } from "../wire/types";
import { COARSE_M } from "./fleet.svelte";
import { metresBetween } from "./metres";
import { pointOf } from "./placed";
import type { Scene } from "./scene.svelte";

type Point = readonly [number, number];

export type Way = {
  task: Pick<Task, "status" | "eta_minutes" | "departed_at">;
  travel: County["travel"][number] | undefined;
  fix: { where: Point; at: number; accuracy: number | undefined } | undefined;
  place: Point | null;
  staleMs: number;
  now: number;
};

const COMING = ["assigned", "accepted", "departed"];

/** Minutes until the force of a task arrives, as `minutesLeft` has it for what a scene knows. Reads the fleet's version. */
export function minutesAway({ task, county, scene, now }: { task: Task; county: County | null; scene: Scene; now: number }): number | null {
  const { fleet } = scene;
  void fleet.version;
  const [incident, mode, where] = [scene.incident(task.incident), scene.force(task.force)?.mode, fleet.where(task.force)];
  return minutesLeft({
    task,
    travel: county?.travel.find((one) => one.mode === mode),
    fix: where && { where, at: fleet.seenAt(task.force) ?? 0, accuracy: fleet.accuracyOf(task.force) },
    place: incident ? pointOf(incident) : null,
    staleMs: (county?.stale_after_s ?? 0) * 1000,
    now,
  });
}

/**
 * Minutes until it arrives: from where it is, if that is known and fresh, else by the estimate at its sending. Null where
 * there is none: it is there, or it left longer ago than it was to take.
 */
export function minutesLeft({ task, travel, fix, place, staleMs, now }: Way): number | null {
  if (!COMING.includes(task.status)) return null;
  const fresh = fix && now - fix.at <= staleMs && (fix.accuracy ?? 0) <= COARSE_M;
  if (fresh && place && travel) {
    return (metresBetween(fix.where, place) / 1000) * travel.minutes_per_km + (task.departed_at ? 0 : travel.start_minutes);
  }
  const left = task.eta_minutes - (task.departed_at ? (now - Date.parse(task.departed_at)) / 60_000 : 0);
  return left > 0 ? left : null;
}
