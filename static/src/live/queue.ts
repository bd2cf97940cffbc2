/** Keeps the queue in order while incidents change: thousands may wait, and a frame changes a few. Pure. */

import type { Incident } from "../wire/types";
import { isClosed } from "./urgency";

type Order = (a: Incident, b: Incident) => number;

export function queueOf(incidents: Iterable<Incident>, order: Order): Incident[] {
  return [...incidents].filter((one) => !isClosed(one)).sort(order);
}

/** The queue after some of `incidents` have changed or left: equal to a fresh `queueOf`. */
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

/** The index at which an incident belongs. */
function placeOf(incident: Incident, queue: readonly Incident[], order: Order): number {
  let [from, to] = [0, queue.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (order(queue[middle] as Incident, incident) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
