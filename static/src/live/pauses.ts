/** Pauses of cases that have run out: the day on which the case was expected to go on has come. Pure. */

import { isoDay } from "../i18n/format";

type Pausable = { paused: boolean; paused_until?: string | null; ended_at: string | null };

/** The day until which a case is paused, and whether it has come; null for one that goes on, or without a day. */
export function pauseOf(item: Pausable, now: number): { day: string; over: boolean } | null {
  if (!item.paused || !item.paused_until || item.ended_at) return null;
  return { day: item.paused_until, over: item.paused_until <= isoDay(now) };
}
