/** A proposal that evens the load: asked for, watched while it is searched, cancelled. It goes on while its panel is closed. */

import { ApiError } from "../wire/client";
import type { Alternative, PlanningCalls, Proposal, Wish } from "../wire/planning";
import type { PlanDetails } from "../wire/plans";

const LOOK_EVERY_MS = 600;

type Calls = Pick<PlanningCalls, "propose" | "proposal" | "cancelProposal">;

export class Evening {
  readonly #calls: Calls;
  readonly #wait: (ms: number) => Promise<void>;
  proposal = $state.raw<Proposal | null>(null);
  problem = $state<string | null>(null);
  /** Asked for, and not yet answered. */
  asking = $state(false);
  chosen = $state<number | null>(null);
  #round = 0;

  constructor(calls: Calls, wait = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms))) {
    this.#calls = calls;
    this.#wait = wait;
  }

  readonly running = $derived.by(() => this.asking || this.proposal?.state === "waiting" || this.proposal?.state === "running");

  get alternative(): Alternative | null {
    return this.chosen === null ? null : (this.proposal?.alternatives[this.chosen] ?? null);
  }

  /** Asks for a proposal and watches it until it ends. */
  async ask(plan: Pick<PlanDetails, "id" | "version">, wish: Wish): Promise<void> {
    const round = ++this.#round;
    this.proposal = null;
    this.chosen = null;
    this.asking = true;
    try {
      const { id } = await this.#calls.propose(plan.id, plan.version, wish);
      this.problem = null;
      await this.#watch(plan.id, id, round);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (round === this.#round) this.problem = error.code;
    } finally {
      if (round === this.#round) this.asking = false;
    }
  }

  async #watch(plan: number, id: string, round: number): Promise<void> {
    for (;;) {
      const found = await this.#calls.proposal(plan, id);
      if (round !== this.#round) return;
      this.proposal = found;
      this.asking = false;
      if (!this.running) return;
      await this.#wait(LOOK_EVERY_MS);
      if (round !== this.#round) return;
    }
  }

  /** Ends the search. What it found so far is kept by the server. */
  async cancel(): Promise<void> {
    const { proposal } = this;
    if (!proposal) return;
    const round = ++this.#round;
    try {
      const ended = await this.#calls.cancelProposal(proposal.plan, proposal.id);
      if (round === this.#round) this.proposal = ended;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.code;
    }
  }

  /** A plan was closed, or another one opened: the search is ended, if one is under way. */
  forget(): void {
    if (this.running) void this.cancel();
    this.#round++;
    this.proposal = null;
    this.problem = null;
    this.asking = false;
    this.chosen = null;
  }
}
