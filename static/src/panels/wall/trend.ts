/** A count against an earlier one, as a signed number with an arrow. Pure. */

import { count } from "../../i18n/format";

export function differenceOf(now: number | null | undefined, before: number | null | undefined): string {
  if (now == null || before == null) return "–";
  const difference = now - before;
  if (difference === 0) return "= 0";
  return difference > 0 ? `▲ +${count(difference)}` : `▼ −${count(-difference)}`;
}
