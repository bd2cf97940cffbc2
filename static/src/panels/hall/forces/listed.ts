/** The list of all forces: in which state each is and since when. Pure. */

import { stepAt } from "../../../live/since";
import type { Force, Task } from "../../../wire/types";

/** In the order of the list: who has a task first. */
export const STATES = ["busy", "free", "on_call", "off"] as const;
export type State = (typeof STATES)[number];

/** `since`: of the task's last step, epoch milliseconds; null without a task. */
export type Listed = { readonly force: Force; readonly task: Task | undefined; readonly state: State; readonly since: number | null };

export function listedOf(force: Force, task: Task | undefined): Listed {
  const state = task ? "busy" : force.duty === "on" ? "free" : force.duty;
  return { force, task, state, since: task ? Date.parse(stepAt(task)) : null };
}

/** By state; those with a task by time in its status, the longest first; else by name. */
export function byState(a: Listed, b: Listed): number {
  return STATES.indexOf(a.state) - STATES.indexOf(b.state) || (a.since ?? 0) - (b.since ?? 0) || a.force.name.localeCompare(b.force.name);
}

/** How many forces are in each state. */
export function countsOf(all: readonly Listed[]): Record<State, number> {
  const counts = { busy: 0, free: 0, on_call: 0, off: 0 };
  for (const { state } of all) counts[state] += 1;
  return counts;
}
