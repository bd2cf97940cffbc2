/** What those on duty reach in time, as the server works it out. Asked for while it is looked at. */

import type { Calls } from "../wire/calls";
import type { Reach } from "../wire/types";
import type { Session } from "./session.svelte";

export type ReachParts = { calls: Pick<Calls, "reach">; session: Pick<Session, "county"> };
/** A kind of force, or all of them. */
export type Counted = string | "all";

export const MINUTES = [10, 15, 30] as const;
const USUAL = 15;

export class ReachState {
  readonly #parts: ReachParts;
  minutes = $state<number>(USUAL);
  #chosen = $state<Counted | null>(null);
  /** Of the minutes that were asked for last; null until they are known. */
  answer = $state.raw<Reach | null>(null);
  failed = $state(false);
  #request = 0;

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  /** Which forces count: at first the kind that the place names first. */
  get counted(): Counted {
    return this.#chosen ?? this.#parts.session.county?.force_kinds[0]?.code ?? "all";
  }

  choose({ minutes = this.minutes, counted = this.counted }: { minutes?: number; counted?: Counted }): void {
    this.minutes = minutes;
    this.#chosen = counted;
    this.answer = null;
    void this.refresh();
  }

  /** Asks once; the answer to an earlier question is dropped. */
  async refresh(): Promise<void> {
    const request = ++this.#request;
    try {
      const answer = await this.#parts.calls.reach(this.minutes, this.counted === "all" ? null : this.counted);
      if (request !== this.#request) return;
      this.answer = answer;
      this.failed = false;
    } catch {
      // Asked for again soon, but for a page that has signed out meanwhile.
      if (request === this.#request) this.failed = true;
    }
  }
}
