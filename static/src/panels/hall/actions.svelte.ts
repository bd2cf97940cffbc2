/** Actions on the open incident. Each is pending until its event arrives over the feed; a refusal is kept as a code. */

import type { AppState } from "../../live/app.svelte";
import type { TaskAnswer } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { Candidate, Incident, Task, TaskStep } from "../../wire/types";

const UNREACHABLE = "unreachable";

export type ActionParts = Pick<AppState, "pending"> & {
  calls: Pick<AppState["calls"], "send" | "stepTask" | "closeIncident" | "placeIncident" | "markSeen">;
};

export class Actions {
  readonly #parts: ActionParts;
  readonly #onRefused: () => void;
  /** Error code of the last refused action on the open incident. */
  problem = $state<string | null>(null);

  constructor(parts: ActionParts, onRefused: () => void) {
    this.#parts = parts;
    this.#onRefused = onRefused;
  }

  /** Enters a step that the force has told by radio or telephone. */
  async relay(task: Task, step: TaskStep, answer: TaskAnswer = {}): Promise<void> {
    await this.perform(task.incident, this.#parts.calls.stepTask(task.id, step, { ...answer, relayed: true }));
  }

  async recall(task: Task, answer: TaskAnswer): Promise<void> {
    await this.perform(task.incident, this.#parts.calls.stepTask(task.id, "recall", answer));
  }

  /** Recalls a task, then dispatches another force in its role. */
  async sendInstead(task: Task, next: Pick<Candidate, "force">, answer: TaskAnswer = { reason: "unanswered" }): Promise<void> {
    const { calls } = this.#parts;
    const both = calls.stepTask(task.id, "recall", answer).then(() => calls.send(task.incident, next.force, task.role));
    await this.perform(task.incident, both);
  }

  async close(incident: Incident, note: string): Promise<void> {
    await this.perform(incident.id, this.#parts.calls.closeIncident(incident.id, incident.version, note));
  }

  async place(incident: Incident, point: [number, number]): Promise<void> {
    await this.perform(incident.id, this.#parts.calls.placeIncident(incident.id, incident.version, point));
  }

  async markSeen(incident: Incident): Promise<void> {
    await this.perform(incident.id, this.#parts.calls.markSeen(incident.id, incident.version));
  }

  async perform(incident: number, doing: Promise<unknown>): Promise<void> {
    this.problem = null;
    this.#parts.pending.begin(incident);
    try {
      await doing;
    } catch (problem) {
      this.#parts.pending.end(incident);
      this.showProblem(problem);
      this.#onRefused();
    }
  }

  showProblem(problem: unknown): void {
    this.problem = codeOf(problem);
  }

  /** Drops a problem of the link once the server has answered. */
  answered(): void {
    if (this.problem === UNREACHABLE) this.problem = null;
  }
}

/** The error code of a refusal. Anything else is thrown on. */
export function codeOf(problem: unknown): string {
  if (!(problem instanceof ApiError)) throw problem;
  return problem.code;
}
