/** What was asked and has not come back over the feed yet. Nothing on the screens is optimistic. */

import type { Applied } from "../wire/apply";

/** A request that came home but whose event did not is given up after this long, so that no button hangs for ever. */
const GIVE_UP_MS = 20_000;

export class Pending {
  #incidents = $state.raw<ReadonlyMap<number, number>>(new Map());

  /** Whether something asked about this incident is still on its way. */
  has(incident: number): boolean {
    return this.#incidents.has(incident);
  }

  begin(incident: number): void {
    const stamp = performance.now();
    this.#incidents = new Map(this.#incidents).set(incident, stamp);
    setTimeout(() => this.#incidents.get(incident) === stamp && this.end(incident), GIVE_UP_MS);
  }

  end(incident: number): void {
    if (!this.#incidents.has(incident)) return;
    const rest = new Map(this.#incidents);
    rest.delete(incident);
    this.#incidents = rest;
  }

  settle(applied: Applied): void {
    for (const incident of applied.incident) this.end(incident);
  }

  clear(): void {
    this.#incidents = new Map();
  }
}
