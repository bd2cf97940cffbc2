/** The kinds of entities that the feed and the snapshot carry. A new kind is a body and an entry here. */

import type { Force, Incident, Snapshot, Task } from "./types";

export type Bodies = { incident: Incident; task: Task; force: Force };
export type Kind = keyof Bodies;

/** `list`: its name in a snapshot. `endedAt`: when it ended, null while it goes on. */
type Rules<Body> = { list: keyof Snapshot; endedAt: (body: Body) => string | null };

export const KINDS: { readonly [K in Kind]: Rules<Bodies[K]> } = {
  incident: { list: "incidents", endedAt: (incident) => incident.closed_at },
  task: { list: "tasks", endedAt: (task) => task.ended_at },
  force: { list: "forces", endedAt: () => null },
};

export function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}

/** A record with an entry for each kind. */
export function perKind<Made>(make: (kind: Kind) => Made): Record<Kind, Made> {
  return Object.fromEntries((Object.keys(KINDS) as Kind[]).map((kind) => [kind, make(kind)])) as Record<Kind, Made>;
}
