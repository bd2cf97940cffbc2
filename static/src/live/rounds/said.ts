/** What a report at a point is called: from where and how it was reported, never that somebody was there. */

import { age, dayAndTime, distance, timeOfDay } from "../../i18n/format";
import { t } from "../../i18n/index.svelte";
import type { Mark } from "../../wire/rounds";
import type { MarkShown, Tally } from "./projected";

type Said = Omit<MarkShown, "unsent" | "id"> & Partial<Pick<Mark, "received_at" | "doubtful"> & Pick<MarkShown, "unsent">>;

/** Signs that differ in shape, not in colour alone. */
export const signOf = (mark: Said | null): string => (mark === null ? "○" : mark.how === "left_out" ? "✕" : mark.far ? "!" : mark.how === "qr" ? "▣" : "●");

/** A record says metres as they are, where a list of candidates rounds them to tens. */
const exactly = (metres: number): string => (metres < 1000 ? t("round.metres", { n: Math.round(metres) }) : distance(metres));

/** Reports that came so much later are said to have come late. */
const LATE_MS = 5 * 60_000;

export function wordsOf(mark: Said | null): string {
  if (mark === null) return t("round.unreported");
  const at = timeOfDay(mark.at);
  const late = mark.received_at !== undefined && Date.parse(mark.received_at) - Date.parse(mark.at) > LATE_MS ? t("round.said.late", { at: dayAndTime(mark.received_at) }) : "";
  const came = [mark.doubtful ? t("round.said.doubtful") : "", late, mark.unsent ? t("round.said.unsent") : ""];
  if (mark.how === "left_out") return [t("round.said.left_out", { at, reason: mark.reason }), ...came].filter(Boolean).join(" · ");
  const from = mark.distance_m === null ? "" : t("round.said.from", { distance: exactly(mark.distance_m) });
  const within = mark.accuracy_m === null ? "" : t("round.said.within", { accuracy: exactly(mark.accuracy_m) });
  const old = mark.age_s === null || mark.age_s < 60 ? "" : t("round.said.old", { age: age(mark.age_s * 1000) });
  const how = mark.how === "qr" ? t("round.said.qr") : "";
  return [at, how, from + within, old, mark.far ? t("round.far") : "", mark.reason, ...came].filter(Boolean).join(" · ");
}

/** What was done of a round, and what is still to do; of one that has ended, what nobody said anything of. */
export function tallyInWords({ checked, left_out, unreported }: Tally, ended_at: string | null): string {
  return t(ended_at === null ? "round.tally" : "round.tally.ended", { checked, left: left_out, open: unreported });
}
