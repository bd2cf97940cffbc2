/** Clocks, faults and refusals of cases in words. */

import { age, clockSpan } from "../../i18n/format";
import { language, t, tCode, tError } from "../../i18n/index.svelte";
import type { Standing } from "../../live/caseclock";
import type { FlowWords } from "../../live/flowwords.svelte";
import type { Refusal } from "../../live/openedcase.svelte";
import type { BarredMove } from "../../wire/cases";

/** The time left in its two largest units; in days once it is two or more. */
export function leftInWords({ state, leftMs }: Standing): string {
  const time = Math.abs(leftMs) >= 48 * 3_600_000 ? age(Math.abs(leftMs)) : clockSpan(leftMs);
  return t(state === "late" ? "case.clock.late" : state === "paused" ? "case.clock.paused" : "case.clock.left", { time });
}

/** Several names as one: 甲、乙和丙. */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat(language.tag).format(names);
}

type Barred = Pick<BarredMove, "reason"> & Partial<Pick<BarredMove, "conditions" | "units">>;

/** What bars a move, and with it the way out. */
export function barInWords(barred: Barred, { flow, version, unit }: { flow: FlowWords; version: string | undefined; unit: (code: string) => string }): string {
  const conditions = (barred.conditions ?? []).map((code) => flow.word("conditions", code, version));
  const what = barred.reason === "joint" ? (barred.units ?? []).map(unit) : conditions;
  return tCode("case.bar", barred.reason, { what: listed(what) });
}

/** What is to be said of a refused move, in words that end in the way out. */
export function refusalInWords(refusal: Refusal, context: Parameters<typeof barInWords>[1]): string {
  const { code, params } = refusal;
  if (code === "version.stale") return t("case.refused.changed");
  if (code === "unreachable") return t("case.refused.unreachable");
  if (code === "case.move") return barInWords(params as Barred, context);
  return code === "case.form" ? "" : tError(code);
}
