/** The candidates proposed for the open incident, in an order that stays under the operator's hand. */

import type { AppState } from "../../../live/app.svelte";
import { isPlaced } from "../../../live/placed";
import { isClosed, isHandled } from "../../../live/urgency";
import type { Candidates } from "../../../wire/types";
import type { Actions } from "../actions.svelte";
import type { OpenedIncident } from "../opened.svelte";
import { FIRST, Listing, MORE } from "./listing.svelte";
import { isOutOfOrder, keepRows } from "./order";
import { Selection } from "./selection.svelte";

export type ProposalsParts = Pick<AppState, "scenes"> & { calls: Pick<AppState["calls"], "candidates"> } & {
  shown: OpenedIncident;
  actions: Pick<Actions, "showProblem" | "answered">;
  onPick: () => void;
};

export class Proposals {
  readonly #parts: ProposalsParts;
  candidates = $state.raw<Candidates | null>(null);
  /** Whether fresh candidates would stand in another order than the one on the screen. */
  outOfOrder = $state(false);
  /** Whether the operator wants somebody sent again to an incident that is handled on site. */
  again = $state(false);
  /** Which forces the panel lists. */
  readonly listing = new Listing();
  readonly selection: Selection;
  #asked = new Map<string, Promise<Candidates>>();

  constructor(parts: ProposalsParts) {
    this.#parts = parts;
    this.selection = new Selection({
      shown: parts.shown,
      listing: this.listing,
      candidates: () => this.candidates,
      takenReason: (force) => this.takenReason(force),
      onPick: parts.onPick,
    });
  }

  /** Why a force of the list cannot go any more, as a code of `excluded`; null where it can. */
  takenReason(force: number): string | null {
    const { live } = this.#parts.scenes;
    const task = live.busy.get(force);
    if (task) return task.incident === this.#parts.shown.id ? "sent" : "busy";
    if (live.force(force)?.duty === "off") return "off_duty";
    return this.candidates?.excluded.find((one) => one.force === force)?.code ?? null;
  }

  /** Fetches the first candidates of an incident before it is opened. */
  prefetch(id: number): void {
    void this.#fetch(id).catch(() => undefined);
  }

  clear(): void {
    this.candidates = null;
    this.again = false;
    this.outOfOrder = false;
    this.selection.marked.clear();
    this.selection.proposeFirst();
  }

  /** Lists the candidates that the filters now ask for, and proposes the first. */
  async narrow(): Promise<void> {
    this.listing.unpin();
    this.candidates = null;
    this.selection.proposeFirst();
    await this.refresh();
  }

  /** Proposes units for an incident that is handled on site. */
  async sendAgain(): Promise<void> {
    this.again = true;
    await this.refresh();
  }

  async showMore(): Promise<void> {
    this.listing.limit += MORE;
    await this.refresh();
  }

  /** Chooses any force, listed or not. Returns false where it cannot be sent. */
  async chooseForce(id: number): Promise<boolean> {
    if (this.#indexOf(id) < 0) {
      this.listing.pinned = id;
      this.again = true;
      await this.refresh();
      if (this.listing.pinned !== id) return true; // Another one was chosen meanwhile.
    }
    const index = this.#indexOf(id);
    if (index >= 0) this.selection.choose(index);
    return index >= 0;
  }

  /** Fetches the candidates again. Rows stay where they are unless `reorder`: a digit keeps its force. */
  async refresh({ reorder = false } = {}): Promise<void> {
    const { shown, calls, actions } = this.#parts;
    const { id, incident } = shown;
    if (id === null || !shown.mayDispatch || (incident && (isClosed(incident) || !isPlaced(incident)))) return;
    if (incident && isHandled(incident) && !this.again) return;
    const asked = JSON.stringify(this.listing.query);
    try {
      const listed = await this.#fetch(id);
      const found = await this.listing.withPinned(listed, (query) => calls.candidates(id, query));
      // An answer to earlier words, or for another incident, comes too late.
      if (shown.id !== id || JSON.stringify(this.listing.query) !== asked) return;
      const force = reorder && !this.selection.pickedByHand ? undefined : this.selection.chosen?.force;
      this.candidates = keepRows(reorder || this.#isOtherList(found) ? null : this.candidates, found);
      this.outOfOrder = isOutOfOrder(this.candidates.candidates, found.candidates);
      this.selection.keep(force);
      actions.answered();
    } catch (problem) {
      actions.showProblem(problem);
    }
  }

  #indexOf(force: number): number {
    return this.candidates?.candidates.findIndex((candidate) => candidate.force === force) ?? -1;
  }

  /** Whether candidates are for another role than those shown, and none of these is in the operator's hand. */
  #isOtherList(found: Candidates): boolean {
    const { chosen, pickedByHand } = this.selection;
    const isSent = this.#parts.shown.tasks.some((task) => task.force === chosen?.force);
    return found.role !== this.candidates?.role && (!pickedByHand || isSent);
  }

  /** Fetches the candidates of an incident, one request at a time: the cursor prefetches them. */
  #fetch(id: number): Promise<Candidates> {
    const query = id === this.#parts.shown.id ? this.listing.query : { limit: FIRST };
    const key = JSON.stringify([id, query]);
    const asked = this.#asked.get(key) ?? this.#parts.calls.candidates(id, query).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }
}
