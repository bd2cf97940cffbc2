/** How a clock's due time came about, as rows of a name and a value: source, limit, what was used, paused and is left. */

import { dayAndTime, decimal } from "../../i18n/format";
import { language, t } from "../../i18n/index.svelte";
import type { CaseClock } from "../../wire/cases";

type Row = [name: string, value: string];
type Counted = Pick<CaseClock, "started_at" | "due_at" | "warn_at" | "paused_at" | "source" | "statutory" | "sum">;

export function sumRows(clock: Counted): Row[] {
  const { sum } = clock;
  const rows: (Row | null)[] = [
    sourceOf(clock),
    [t("case.clock.started"), dayAndTime(clock.started_at)],
    [t("case.clock.limit"), amount(clock, sum.limit - sum.extended)],
    sum.extended ? [t("case.clock.extended"), amount(clock, sum.extended)] : null,
    ...sum.lines.filter((line) => line.kind === "paused").map((line): Row => [t("case.clock.pause"), spanOf(clock, line)]),
    [t("case.clock.used"), amount(clock, sum.used)],
    [t(sum.left < 0 ? "case.clock.over" : "case.clock.remaining"), amount(clock, Math.abs(sum.left))],
    daysOf(clock),
    clock.warn_at ? [t("case.clock.warn"), dayAndTime(clock.warn_at)] : null,
    clock.paused_at ? [t("case.clock.paused_at"), dayAndTime(clock.paused_at)] : null,
    [t("cases.due"), dayAndTime(clock.due_at)],
  ];
  return rows.filter((row) => row !== null);
}

function sourceOf({ source, statutory }: Counted): Row | null {
  if (!source) return null;
  const name = source.names[language.locale];
  const cite = source.cite === name ? name : t("case.clock.cited", { name, cite: source.cite });
  return [t("case.clock.source"), t("case.clock.cited", { name: cite, cite: t(statutory ? "case.clock.source.law" : "case.clock.source.rule") })];
}

function spanOf(clock: Counted, line: Counted["sum"]["lines"][number]): string {
  return t("case.clock.span", { from: dayAndTime(line.begin), to: dayAndTime(line.end), amount: amount(clock, line.amount) });
}

/** The days off and the make-up days that the clock has passed over or counted so far. */
function daysOf({ sum }: Counted): Row | null {
  const off = new Set(sum.lines.flatMap((line) => line.days_off)).size;
  const made = new Set(sum.lines.flatMap((line) => line.make_up)).size;
  return off || made ? [t("case.clock.calendar"), t("case.clock.days", { off, made })] : null;
}

/** An amount in the clock's own measure: hours and minutes, or days with their parts. */
function amount({ sum }: Counted, value: number): string {
  if (sum.measure === "day_hundredth") return t("case.clock.in_days", { n: decimal(value / 100, value % 100 ? 2 : 0) });
  return t("case.clock.in_hours", { h: Math.floor(value / 60), m: value % 60 });
}
