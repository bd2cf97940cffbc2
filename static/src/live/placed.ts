/** Incidents with a place on the map. The others wait for one, with an address in words. Pure. */

import type { Incident } from "../wire/types";

export type Placed = Incident & { lon: number; lat: number };

export function isPlaced(incident: Incident): incident is Placed {
  return incident.lon !== null && incident.lat !== null;
}

export function pointOf(incident: Incident): [number, number] | null {
  return isPlaced(incident) ? [incident.lon, incident.lat] : null;
}
