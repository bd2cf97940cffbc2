/** The queue, kept in order while matters change: thousands wait on a bad day, and a frame changes a few. Pure. */

import type { Incident } from "../wire/types";
import { isClosed } from "./urgency";

type Order = (a: Incident, b: Incident) => number;

export function queueOf(incidents: Iterable<Incident>, order: Order): Incident[] {
  return [...incidents].filter((one) => !isClosed(one)).sort(order);
}

/** The queue after some of `incidents` have changed or gone: the same as `queueOf` would make of them all. */
export function requeued(
  queue: readonly Incident[],
  changed: ReadonlySet<number>,
  { incidents, order }: { incidents: ReadonlyMap<number, Incident>; order: Order },
): Incident[] {
  const stayed = queue.filter((one) => !changed.has(one.id));
  for (const id of changed) {
    const incident = incidents.get(id);
    if (incident && !isClosed(incident)) stayed.splice(placeOf(incident, stayed, order), 0, incident);
  }
  return stayed;
}

/** How many of the queue come before. */
function placeOf(incident: Incident, queue: readonly Incident[], order: Order): number {
  let [from, to] = [0, queue.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (order(queue[middle] as Incident, incident) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
