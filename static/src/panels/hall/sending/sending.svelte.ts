/** Dispatching forces to the open incident, one or several at once. */

import type { AppState } from "../../../live/app.svelte";
import { nextRole } from "../../../live/roles";
import { isClosed } from "../../../live/urgency";
import type { Force, Incident } from "../../../wire/types";
import { codeOf, type Actions } from "../actions.svelte";
import type { Proposals } from "../candidates/proposals.svelte";
import type { Mark, Refusal } from "../candidates/marked.svelte";
import type { OpenedIncident } from "../opened.svelte";
import { obstacleOf } from "./obstacle";

export type SendingParts = Pick<AppState, "pending"> & { calls: Pick<AppState["calls"], "send"> } & {
  shown: OpenedIncident;
  proposals: Proposals;
  actions: Actions;
};

export class Sending {
  readonly #parts: SendingParts;
  /** The forces of the last sending that were not sent. */
  refused = $state.raw<readonly Refusal[]>([]);
  /** Whether a sending of several is under way. */
  underWay = $state(false);

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** What the operator must do before anybody can be sent. */
  readonly obstacle = $derived.by(() => {
    const { shown, proposals } = this.#parts;
    const { toSend, pickedByHand } = proposals.selection;
    return obstacleOf({ tasks: shown.tasks, toSend, pickedByHand, takenReason: (force) => proposals.takenReason(force) });
  });

  readonly canSend = $derived.by(() => {
    const { shown, pending } = this.#parts;
    return (
      shown.mayDispatch &&
      shown.incident !== null &&
      !isClosed(shown.incident) &&
      this.obstacle === null &&
      !this.underWay &&
      !pending.has(shown.incident.id)
    );
  });

  /** Dispatches the marked candidates, else the chosen one. The screen changes when the events arrive over the feed. */
  async send(): Promise<void> {
    const { shown, proposals, actions } = this.#parts;
    if (!this.canSend || !shown.incident) return;
    const [incident, marks] = [shown.incident.id, proposals.selection.toSend];
    if (marks.length === 1) {
      proposals.selection.marked.clear();
      await actions.perform(incident, this.#sendOne(incident, marks[0] as Mark));
    } else await this.#sendAll(incident, marks);
  }

  /** Dispatches a force from its card, in the role that is open on the incident. */
  async sendForce({ id, name }: Pick<Force, "id" | "name">, incident: Incident): Promise<void> {
    const { shown, proposals, actions } = this.#parts;
    if (!shown.mayDispatch || shown.id !== incident.id || proposals.takenReason(id) !== null) return;
    await actions.perform(incident.id, this.#sendOne(incident.id, { force: id, name, role: nextRole(shown.tasks) }));
  }

  #sendOne(incident: number, { force, role }: Mark): Promise<unknown> {
    return this.#parts.calls.send(incident, force, role);
  }

  /** Dispatches one after another, the lead first. Who is refused does not keep the others back. */
  async #sendAll(incident: number, marks: readonly Mark[]): Promise<void> {
    const { shown, proposals, actions, pending } = this.#parts;
    this.underWay = true;
    actions.problem = null;
    pending.begin(incident);
    const refused: Refusal[] = [];
    for (const mark of marks) {
      const taken = proposals.takenReason(mark.force);
      const code = taken === null ? await this.#refusalOf(this.#sendOne(incident, mark)) : `force.${taken}`;
      if (code !== null) refused.push({ force: mark.force, name: mark.name, code });
    }
    this.underWay = false;
    if (refused.length === marks.length) pending.end(incident);
    if (shown.id !== incident) return;
    proposals.selection.marked.clear();
    this.refused = refused;
    void proposals.refresh();
  }

  /** Returns the error code of a refusal, null where it was done. */
  async #refusalOf(doing: Promise<unknown>): Promise<string | null> {
    return doing.then(() => null, codeOf);
  }
}
