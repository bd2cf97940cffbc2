/** Words for what is wrong with a row of a roster file: the row, the column, what it is, and what would do. */

import { dayAndTime } from "../../i18n/format";
import { t, tCode } from "../../i18n/index.svelte";

export type RowFault = { code: string; row?: number | null; field?: string | null; params?: Record<string, unknown> };

const MOMENTS = ["starts_at", "ends_at"];

/** `第 3 行，结束：…`; the code itself where it has no words. */
export function faultWords({ code, row, field, params = {} }: RowFault): string {
  const said = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, MOMENTS.includes(name) ? dayAndTime(String(value)) : Array.isArray(value) ? value.join("、") : String(value)]),
  );
  const what = tCode("roster.fault", code, said);
  const column = field ? tCode("roster.column", field) : "";
  if (typeof row !== "number") return column ? t("roster.fault.in_file", { field: column, what }) : what;
  return column ? t("roster.fault.in_row", { n: row, field: column, what }) : t("roster.fault.in_row_only", { n: row, what });
}
