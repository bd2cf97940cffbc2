/** Where a force that calls for help is. Pure. */

import type { Sos } from "../wire/types";
import type { Scene } from "./scene.svelte";

/** [lon, lat]: as the call says, else the force's last position, else its home post. Null where none is known. */
export function placeOf(sos: Sos, scene: Pick<Scene, "fleet" | "force">): [number, number] | null {
  if (sos.lon !== null && sos.lat !== null) return [sos.lon, sos.lat];
  if (sos.force === null) return null;
  const force = scene.force(sos.force);
  return scene.fleet.where(sos.force) ?? (force ? [force.home_lon, force.home_lat] : null);
}

/** Phones and servers differ by seconds; a call that was kept without a signal comes later than that. */
const LATE_MS = 60_000;

/** Whether a call waited for a signal: it came long after it was pressed. */
export function cameLate(sos: Pick<Sos, "raised_at" | "sent_at">): boolean {
  return Date.parse(sos.raised_at) - Date.parse(sos.sent_at) > LATE_MS;
}
