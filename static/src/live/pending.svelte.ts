/** Actions whose event has not come back over the feed yet. No screen updates optimistically. */

import type { Applied } from "../wire/apply";

/** An action whose event never comes stops being pending after this long, so that no button hangs. */
const GIVE_UP_MS = 20_000;

export class Pending {
  #incidents = $state.raw<ReadonlyMap<number, number>>(new Map());

  /** Whether an action on this incident is pending. */
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

  confirm(applied: Applied): void {
    for (const incident of applied.incident) this.end(incident);
  }

  clear(): void {
    this.#incidents = new Map();
  }
}
