/** One's own shift: what the account did, from the server's record, and which incidents it has opened here. */

import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { ShiftEntry } from "../wire/types";

export type ShiftParts = { calls: Pick<Calls, "shift"> };

export class Shift {
  readonly #calls: ShiftParts["calls"];
  /** Newest first. Null until they are loaded. */
  entries = $state.raw<readonly ShiftEntry[] | null>(null);
  /** The start that was chosen, as an ISO time; null: the sign-in. */
  chosen = $state<string | null>(null);
  /** When the shift that is listed begins. */
  since = $state<string | null>(null);
  signedInAt = $state<string | null>(null);
  more = $state(false);
  /** Error code of the last attempt to load. */
  problem = $state<string | null>(null);
  #opened = $state.raw<ReadonlySet<number>>(new Set());
  #request = 0;

  constructor({ calls }: ShiftParts) {
    this.#calls = calls;
  }

  /** Incidents that the account registered, dispatched, edited or closed in this shift, or has opened in this window. */
  readonly mine = $derived.by<ReadonlySet<number>>(() => new Set([...this.#opened, ...(this.entries ?? []).map(({ incident }) => incident)]));

  opened(incident: number): void {
    if (!this.#opened.has(incident)) this.#opened = new Set([...this.#opened, incident]);
  }

  async begin(since: string | null): Promise<void> {
    this.chosen = since;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const request = ++this.#request;
    try {
      const shift = await this.#calls.shift(this.chosen ?? undefined);
      if (request !== this.#request) return;
      this.entries = shift.items;
      this.since = shift.since;
      this.signedInAt = shift.signed_in_at;
      this.more = shift.more;
      this.problem = null;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.problem = problem.code;
    }
  }
}
