/** What forces say of their tasks that the hall must hear: declines, calls for support, ends far from the place. Pure. */

import type { Incident, Task } from "../wire/types";
import { isClosed } from "./urgency";

/** A decline is news for so long: after that the queue alone shows that the incident waits. */
export const NEWS_MS = 30 * 60_000;

export type FieldView = {
  /** Every task that the screen holds. */
  tasks: Iterable<Task>;
  incident: (id: number) => Incident | undefined;
  farM: number;
  now: number;
};
export type FieldCall = { task: Task; at: number };
export type FieldNews = { declined: FieldCall[]; support: FieldCall[]; far: FieldCall[] };

const ms = (moment: string | null | undefined): number => (moment ? Date.parse(moment) : Number.NEGATIVE_INFINITY);

/** Whether its force was farther from the incident than the pack allows when it said it was there. */
export function isFar(task: Pick<Task, "away_m">, farM: number): boolean {
  return (task.away_m ?? 0) > farM;
}

/** Sorts out what still waits for a hand: whoever is sent after a decline or call answers it, and so does closing. */
export function fieldNewsOf({ tasks, incident, farM, now }: FieldView): FieldNews {
  const all = [...tasks];
  const lastSent = new Map<number, number>();
  for (const task of all) lastSent.set(task.incident, Math.max(lastSent.get(task.incident) ?? 0, ms(task.assigned_at)));
  const answered = (task: Task, at: number) => (lastSent.get(task.incident) ?? 0) > at;
  const isOpen = (task: Task) => {
    const found = incident(task.incident);
    return found !== undefined && !isClosed(found);
  };
  const found: FieldNews = { declined: [], support: [], far: [] };
  for (const task of all) {
    const [ended, asked] = [ms(task.ended_at), ms(task.support_asked_at)];
    const fresh = now - ended < NEWS_MS;
    if (task.status === "declined" && fresh && isOpen(task) && !answered(task, ended)) found.declined.push({ task, at: ended });
    if (task.active && task.support_asked_at && isOpen(task) && !answered(task, asked)) found.support.push({ task, at: asked });
    if (task.status === "finished" && fresh && isFar(task, farM)) found.far.push({ task, at: ended });
  }
  for (const list of Object.values(found)) list.sort((a, b) => a.at - b.at);
  return found;
}
