/** Registry of the entity kinds in feed and snapshot. To add a kind, add its body and its entry here. */

import type { Case, Closure, Force, Incident, Presence, Snapshot, Sos, Task } from "./types";

export type Bodies = { incident: Incident; task: Task; force: Force; alarm: Sos; case: Case; closure: Closure; presence: Presence };
export type Kind = keyof Bodies;

/** `list`: its field in a snapshot. `endedAt`: when the entity ended, null while it is active. */
type Rules<Body> = { list: keyof Snapshot; endedAt: (body: Body) => string | null };

export const KINDS: { readonly [K in Kind]: Rules<Bodies[K]> } = {
  incident: { list: "incidents", endedAt: (incident) => incident.closed_at },
  task: { list: "tasks", endedAt: (task) => task.ended_at },
  force: { list: "forces", endedAt: () => null },
  alarm: { list: "alarms", endedAt: (alarm) => alarm.acknowledged_at },
  case: { list: "cases", endedAt: (body) => body.ended_at },
  presence: { list: "presences", endedAt: () => null },
  closure: { list: "closures", endedAt: (closure) => closure.ended_at },
};

export function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}

/** A record with an entry for each kind. */
export function perKind<Made>(make: (kind: Kind) => Made): Record<Kind, Made> {
  return Object.fromEntries((Object.keys(KINDS) as Kind[]).map((kind) => [kind, make(kind)])) as Record<Kind, Made>;
}
