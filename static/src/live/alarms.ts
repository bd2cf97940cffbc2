/** Limits alarms to ten in ten minutes; critical ones always pass. Pure. */

export type Alarm = { kind: "support" | "high_risk" | "declined" | "unanswered" | "overdue" | "differs" | "far"; critical: boolean; ids: readonly number[] };

/** An alarm that was raised. `newest` is its highest id; `admitted` whether the operator saw it. */
export type AlarmEntry = { kind: Alarm["kind"]; at: number; newest: number; admitted: boolean };
export type AlarmLog = readonly AlarmEntry[];

export const WINDOW_MS = 600_000;
export const AT_MOST = 10;

/** Returns the log after an alarm. An alarm with no new id is not a new alarm. */
export function admit(log: AlarmLog, alarm: Alarm, now: number): AlarmLog {
  const recent = log.filter((entry) => now - entry.at < WINDOW_MS);
  const newest = Math.max(...alarm.ids);
  if (recent.some((entry) => entry.kind === alarm.kind && entry.newest >= newest)) return recent;
  const reached = recent.filter((entry) => entry.admitted).length;
  return [...recent, { kind: alarm.kind, at: now, newest, admitted: alarm.critical || reached < AT_MOST }];
}
