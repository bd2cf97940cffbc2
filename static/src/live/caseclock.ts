/** How a clock of a case stands: what is left, and how urgent that is. Pure. */

import type { CaseClock } from "../wire/cases";

export type ClockState = "within" | "soon" | "late" | "paused";
export type Standing = { state: ClockState; leftMs: number; share: number };

/** The last share of the time, in which a clock without a warning of its own is due soon. */
const SOON_SHARE = 0.25;

type Timed = Pick<CaseClock, "started_at" | "due_at" | "warn_at" | "paused_at">;

/**
 * What is left until the due time, in milliseconds of the wall clock, below zero once late; and as a share of the whole.
 * A paused clock stands where it was when it was paused.
 */
export function standingOf(clock: Timed, now: number): Standing {
  const [start, due] = [Date.parse(clock.started_at), Date.parse(clock.due_at)];
  const at = clock.paused_at ? Math.min(Date.parse(clock.paused_at), now) : now;
  const leftMs = due - at;
  const share = Math.min(1, Math.max(0, due > start ? leftMs / (due - start) : 0));
  if (clock.paused_at) return { state: "paused", leftMs, share };
  if (leftMs < 0) return { state: "late", leftMs, share: 0 };
  const soon = clock.warn_at ? at >= Date.parse(clock.warn_at) : share <= SOON_SHARE;
  return { state: soon ? "soon" : "within", leftMs, share };
}

/** The clocks in the order in which they ask for something: the late, then the next due, the paused last. */
export function byNeed<Clock extends Timed>(clocks: readonly Clock[]): Clock[] {
  const rank = (clock: Clock) => (clock.paused_at ? Infinity : Date.parse(clock.due_at));
  return [...clocks].sort((a, b) => rank(a) - rank(b));
}
