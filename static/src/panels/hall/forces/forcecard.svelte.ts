/** What the card of one force shows beside the feed: load, telephone by right, and today's trail. */

import type { AppState } from "../../../live/app.svelte";
import { piecesOf, type TrailPath } from "../../../live/presence";
import { ApiError } from "../../../wire/client";
import type { Duty, ForceCard } from "../../../wire/types";

export type ForceCardParts = {
  calls: Pick<AppState["calls"], "forceCard" | "telephone" | "trail" | "setDuty">;
  session: Pick<AppState["session"], "county">;
};

export class ForceCardState {
  readonly #parts: ForceCardParts;
  id = $state<number | null>(null);
  card = $state.raw<ForceCard | null>(null);
  /** The number in full, once it has been looked up. */
  telephone = $state<string | null>(null);
  /** In pieces, with a gap where no position came. */
  trail = $state.raw<readonly TrailPath[] | null>(null);
  busy = $state(false);
  problem = $state<string | null>(null);

  constructor(parts: ForceCardParts) {
    this.#parts = parts;
  }

  /** Shows another force, or none. Nothing that was looked up for the last one stays. */
  async show(id: number | null): Promise<void> {
    this.id = id;
    this.card = null;
    this.telephone = null;
    this.trail = null;
    this.problem = null;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const id = this.id;
    if (id === null) return;
    await this.#ask(id, this.#parts.calls.forceCard(id), (card) => (this.card = card));
  }

  async lookUpTelephone(): Promise<void> {
    const id = this.id;
    if (id === null) return;
    await this.#ask(id, this.#parts.calls.telephone(id), ({ telephone }) => (this.telephone = telephone));
  }

  /** Fetches today's trail, or takes it from the map. */
  async toggleTrail(): Promise<void> {
    const id = this.id;
    if (id === null) return;
    if (this.trail) {
      this.trail = null;
      return;
    }
    await this.#ask(id, this.#parts.calls.trail(id), (trail) => {
      this.trail = piecesOf(trail, (this.#parts.session.county?.stale_after_s ?? 180) * 1000);
    });
  }

  async setDuty(version: number, duty: Duty): Promise<void> {
    const id = this.id;
    if (id === null) return;
    await this.#ask(id, this.#parts.calls.setDuty(id, version, duty), () => void this.refresh());
  }

  /** Takes an answer in unless another force is shown by then. */
  async #ask<Answer>(id: number, asking: Promise<Answer>, take: (answer: Answer) => void): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      const answer = await asking;
      if (this.id === id) take(answer);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (this.id === id) this.problem = problem.code;
    } finally {
      if (this.id === id) this.busy = false;
    }
  }
}
