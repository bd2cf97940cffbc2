/** Since when an incident is as it is: its forces' last step, or when it was closed. Pure. */

import type { Incident, Task } from "../wire/types";

type Steps = Pick<Task, "assigned_at" | "accepted_at" | "departed_at" | "arrived_at">;

/** The time of the last step of a task. */
export function stepAt({ assigned_at, accepted_at, departed_at, arrived_at }: Steps): string {
  return arrived_at ?? departed_at ?? accepted_at ?? assigned_at;
}

/** Since when an incident is on the way it is; its first active task speaks for it. Null while it waits. */
export function since(incident: Pick<Incident, "closed_at">, tasks: readonly Steps[]): number | null {
  const [first] = tasks;
  const at = incident.closed_at ?? (first ? stepAt(first) : null);
  return at === null ? null : Date.parse(at);
}
