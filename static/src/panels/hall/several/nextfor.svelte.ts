/** What one incident still lacks of its package, and the next unit for it: asked again whenever its tasks change. */

import type { AppState } from "../../../live/app.svelte";
import type { DispatchProposal, ProposedTask } from "../../../wire/types";
import { codeOf } from "../actions.svelte";

export type NextParts = Pick<AppState, "pending"> & { calls: Pick<AppState["calls"], "proposeForAll" | "send"> };

export class NextFor {
  readonly #parts: NextParts;
  found = $state.raw<DispatchProposal | null>(null);
  /** Error code of a unit that was not sent. */
  refused = $state<string | null>(null);
  #incident: number | null = null;
  #asked = 0;

  constructor(parts: NextParts) {
    this.#parts = parts;
  }

  /** Asks for an incident, or for none. The last question's answer counts. */
  async ask(incident: number | null): Promise<void> {
    if (incident !== this.#incident) {
      this.found = this.refused = null;
      this.#incident = incident;
    }
    const asked = ++this.#asked;
    if (incident === null) return;
    const found = await this.#parts.calls.proposeForAll([incident]).catch(() => null);
    if (asked === this.#asked) this.found = found;
  }

  async send({ incident, force, role }: ProposedTask): Promise<void> {
    const { calls, pending } = this.#parts;
    this.refused = null;
    pending.begin(incident);
    try {
      await calls.send(incident, force, role);
    } catch (problem) {
      pending.end(incident);
      this.refused = codeOf(problem);
      await this.ask(incident);
    }
  }
}
