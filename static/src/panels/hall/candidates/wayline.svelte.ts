/** The way by road of the chosen candidate to the open incident, for the map. Nothing where its travel is an estimate. */

import type { AppState } from "../../../live/app.svelte";
import type { Candidate } from "../../../wire/types";
import { ApiError } from "../../../wire/client";

export type WayLineParts = { calls: Pick<AppState["calls"], "way"> };
export type Line = readonly (readonly [number, number])[];

export class WayLine {
  readonly #parts: WayLineParts;
  #shown = $state.raw<{ force: number; incident: number; line: Line } | null>(null);
  #request = 0;

  constructor(parts: WayLineParts) {
    this.#parts = parts;
  }

  /** The line of a force to an incident; null until it is known, and where there is none. */
  of(force: number | null, incident: number | null): Line | null {
    const shown = this.#shown;
    return shown && shown.force === force && shown.incident === incident ? shown.line : null;
  }

  /** Forgets the way, which other roads may have changed: it is asked for again. */
  forget(): void {
    this.#shown = null;
  }

  /** Asks for the way of a candidate that goes by road. */
  async follow(candidate: Candidate | null, incident: number | null): Promise<void> {
    const request = ++this.#request;
    if (!candidate || incident === null || !candidate.reasons.some(({ params }) => params?.route_m !== undefined)) return;
    if (this.of(candidate.force, incident)) return;
    try {
      const way = await this.#parts.calls.way(incident, candidate.force);
      if (request === this.#request && way) this.#shown = { force: candidate.force, incident, line: way.line };
    } catch (problem) {
      // The straight line stays.
      if (!(problem instanceof ApiError)) throw problem;
    }
  }
}
