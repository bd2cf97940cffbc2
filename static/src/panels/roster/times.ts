/** The hours of a shift in words. */

import { isoDay, timeOfDay } from "../../i18n/format";
import { t } from "../../i18n/index.svelte";

type Range = { starts_at: string; ends_at: string };

/** `08:30–17:30`; an end at midnight is 24:00, and one on another day says so. */
export function hoursOf({ starts_at, ends_at }: Range): string {
  const [begin, end] = [timeOfDay(starts_at), timeOfDay(ends_at)];
  const last = isoDay(new Date(Date.parse(ends_at) - 1).toISOString());
  if (isoDay(starts_at) === last) return `${begin}–${end === "00:00" ? "24:00" : end}`;
  return `${begin}–${t("roster.night")} ${end}`;
}
