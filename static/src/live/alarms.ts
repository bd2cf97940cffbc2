/** Alarm practice: chatter is held back beyond ten in ten minutes, the critical never. Pure. */

export type Alarm = { kind: "grave" | "unanswered" | "overdue"; critical: boolean; ids: readonly number[] };

/** What reached the operator, and what was held back. `newest` is the youngest id it spoke of. */
export type AlarmEntry = { kind: Alarm["kind"]; at: number; newest: number; admitted: boolean };
export type AlarmLog = readonly AlarmEntry[];

export const WINDOW_MS = 600_000;
export const AT_MOST = 10;

/** The log after an alarm was raised. The same alarm again is no new one; one that grew by a new id is. */
export function admit(log: AlarmLog, alarm: Alarm, now: number): AlarmLog {
  const recent = log.filter((entry) => now - entry.at < WINDOW_MS);
  const newest = Math.max(...alarm.ids);
  if (recent.some((entry) => entry.kind === alarm.kind && entry.newest >= newest)) return recent;
  const reached = recent.filter((entry) => entry.admitted).length;
  return [...recent, { kind: alarm.kind, at: now, newest, admitted: alarm.critical || reached < AT_MOST }];
}
