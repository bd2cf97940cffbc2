/** What an attachment says of its time and place, in words. Place and time are the phone's: “reported”, never “proved”. */

import { clockSpan, dayAndTime, distance } from "../../i18n/format";
import { t } from "../../i18n/index.svelte";
import { metresBetween } from "../../live/metres";
import type { Attachment } from "../../wire/attachments";

/** A phone's clock may be so wrong without a word. */
const CLOCK_MS = 120_000;

export function timeSaid({ kind, taken_at, received_at, clock_off_s }: Attachment): string {
  const off = (clock_off_s ?? 0) * 1000;
  const wrong = Math.abs(off) > CLOCK_MS;
  const taken = taken_at ? t(kind === "voice" ? "attachment.recorded" : "attachment.taken", { time: dayAndTime(taken_at) }) : "";
  return [taken, wrong && taken ? t("attachment.clock_off", { time: clockSpan(Math.abs(off)) }) : "", t("attachment.received", { time: dayAndTime(received_at) })].filter(Boolean).join(" · ");
}

export function placeSaid({ origin, lon, lat, accuracy_m }: Attachment, at: readonly [number, number] | null): string {
  if (origin === "gallery") return t("attachment.gallery");
  if (lon === null || lat === null) return t("attachment.no_place");
  if (at === null) return t("attachment.from.elsewhere", { lon: lon.toFixed(5), lat: lat.toFixed(5) });
  const away = distance(metresBetween([lon, lat], at));
  return accuracy_m === null ? t("attachment.from.unsure", { distance: away }) : t("attachment.from", { distance: away, metres: Math.round(accuracy_m) });
}

export function whatSaid(one: Attachment): string {
  return t("attachment.photo.of", { who: one.sender, when: dayAndTime(one.taken_at ?? one.received_at) });
}
