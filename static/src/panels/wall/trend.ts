/** A count against an earlier one, as a signed number with an arrow. Pure. */

import { count } from "../../i18n/format";

/** Whether days can be compared: those of traffic that is simulated faster than real are like no others. */
export function isComparable(demoSpeed: number | null | undefined): boolean {
  return demoSpeed == null || demoSpeed === 1;
}

export function differenceOf(now: number | null | undefined, before: number | null | undefined): string {
  if (now == null || before == null) return "–";
  const difference = now - before;
  if (difference === 0) return "= 0";
  return difference > 0 ? `▲ +${count(difference)}` : `▼ −${count(-difference)}`;
}
