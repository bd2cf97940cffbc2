/** Place and window of a hexagon in words. */

import { count, dayInWords } from "../i18n/format";
import { t, tCode } from "../i18n/index.svelte";
import type { Divisions } from "../live/divisions.svelte";
import type { Hotspots } from "../wire/types";

/** The names of the village that is nearest, and of its town; empty where none is known. */
export function placeNear(divisions: Pick<Divisions, "nearest" | "names">, lon: number, lat: number): string {
  const village = divisions.nearest(lon, lat);
  return village ? t("hot.near", { place: divisions.names(village.path).join(" · ") }) : "";
}

/** How many incidents in which window: the last hours and days, or those up to the end of a day of the past. */
export function windowInWords(hotspots: Pick<Hotspots, "window"> | null, day: string | null, n: number): string {
  const window = tCode("window", hotspots?.window ?? "24h");
  const incidents = count(n);
  return day === null ? t("hot.in_window", { window, n: incidents }) : t("hot.in_window.past", { window, n: incidents, day: dayInWords(day) });
}
