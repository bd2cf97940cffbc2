/** One's own shift: what the account did, from the server's record, and which incidents it has opened here. */

import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Platform } from "../wire/platform";
import type { ShiftEntry } from "../wire/types";
import type { Session } from "./session.svelte";

export type ShiftParts = { calls: Pick<Calls, "shift">; session: Pick<Session, "me">; platform: Pick<Platform, "address"> };

/** What a tab keeps over a reload: ids alone, and whose. */
type Kept = { who: string; opened: readonly number[] };
const MOST_KEPT = 500;

export class Shift {
  readonly #parts: ShiftParts;
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
  #opened = $state.raw<Kept>({ who: "", opened: [] });
  #request = 0;

  constructor(parts: ShiftParts) {
    this.#parts = parts;
    const kept = parts.platform.address.kept() as Partial<Kept> | null;
    if (kept?.who && kept.opened) this.#opened = { who: kept.who, opened: kept.opened };
  }

  /** Incidents that the account registered, dispatched, edited or closed in this shift, or has opened in this window. */
  readonly mine = $derived.by<ReadonlySet<number>>(() => new Set([...this.#ownOpened, ...(this.entries ?? []).map(({ incident }) => incident)]));

  /** Another person at this desk begins with nothing. */
  get #ownOpened(): readonly number[] {
    return this.#opened.who === this.#who ? this.#opened.opened : [];
  }

  get #who(): string {
    return this.#parts.session.me?.username ?? "";
  }

  opened(incident: number): void {
    if (this.#ownOpened.includes(incident)) return;
    this.#opened = { who: this.#who, opened: [...this.#ownOpened, incident].slice(-MOST_KEPT) };
    this.#parts.platform.address.keep(this.#opened);
  }

  async begin(since: string | null): Promise<void> {
    this.chosen = since;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const request = ++this.#request;
    try {
      const shift = await this.#parts.calls.shift(this.chosen ?? undefined);
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
