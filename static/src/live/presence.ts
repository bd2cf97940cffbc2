/** What the open pages of phones say: whether a task was seen there, and whether positions still come. Pure. */

import type { Presence, Task } from "../wire/types";

/**
 * `seen`: its page was in front with the task; `reached`: it is there, behind another app or a locked screen; `waiting`:
 * not there yet, for a short while; `unseen`: for too long; `no_phone`: the force never opened a page.
 */
export type TaskOnPhone = { state: "seen" | "reached" | "waiting" | "unseen" | "no_phone"; since: number };

export type PhoneView = { now: number; unseenMs: number };

/** How a task stands with its force's phone; null once it is answered without having been seen there, by radio for instance. */
export function taskOnPhone(task: Task, presence: Presence | undefined, { now, unseenMs }: PhoneView): TaskOnPhone | null {
  const here = presence?.task === task.id ? presence : undefined;
  if (here?.seen_at) return { state: "seen", since: Date.parse(here.seen_at) };
  if (!task.active || task.status !== "assigned") return null;
  const sent = Date.parse(task.assigned_at);
  if (!presence) return { state: "no_phone", since: sent };
  if (now - sent >= unseenMs) return { state: "unseen", since: sent };
  return here?.reached_at ? { state: "reached", since: Date.parse(here.reached_at) } : { state: "waiting", since: sent };
}

/** Since when a force's page has sent no position, epoch milliseconds: it is hidden, and no fix has come since. Else null. */
export function silentSince(presence: Presence | undefined, seenAt: number | undefined): number | null {
  if (presence?.state !== "background" || seenAt === undefined) return null;
  const since = Date.parse(presence.since);
  return seenAt <= since ? since : null;
}

export type TrailPath = readonly (readonly [number, number])[];

/** A trail in pieces: between two positions that are farther apart in time than `gapMs` nobody knows the way. */
export function piecesOf({ lon, lat, at }: { lon: readonly number[]; lat: readonly number[]; at: readonly number[] }, gapMs: number): TrailPath[] {
  const pieces: [number, number][][] = [];
  at.forEach((moment, i) => {
    const before = at[i - 1];
    if (before === undefined || moment - before > gapMs) pieces.push([]);
    pieces.at(-1)?.push([lon[i] as number, lat[i] as number]);
  });
  return pieces;
}
