/** What phones sent and the server could not simply do: kept until somebody decides. */

import { ApiError } from "../wire/client";
import type { KeptCommand, ReviewCalls, Verdict } from "../wire/reviews";

/** Those of which one of two outcomes may hold come first. */
const ORDER: Readonly<Record<KeptCommand["status"], number>> = { review: 0, refused: 1, waiting: 2 };

export class Reviews {
  readonly #calls: Pick<ReviewCalls, "list" | "decide">;
  items = $state.raw<readonly KeptCommand[]>([]);
  /** Null until they were asked for. */
  failed = $state<boolean | null>(null);
  /** The one that is being decided on. */
  sending = $state<string | null>(null);
  problem = $state<string | null>(null);
  #asked = 0;

  constructor(calls: Pick<ReviewCalls, "list" | "decide">) {
    this.#calls = calls;
  }

  /** How many a person decides on: one that waits behind another is none of them. */
  readonly open = $derived(this.items.filter(({ status }) => status !== "waiting").length);

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const found = await this.#calls.list().catch(() => null);
    if (asked !== this.#asked) return;
    this.failed = found === null;
    if (found) this.items = [...found.items].sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.received_at.localeCompare(b.received_at));
  }

  async decide({ id }: KeptCommand, verdict: Verdict): Promise<void> {
    if (this.sending !== null) return;
    this.sending = id;
    this.problem = null;
    try {
      await this.#calls.decide(id, verdict);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.code;
    }
    await this.refresh();
    this.sending = null;
  }
}

/** Whether another outcome of a task that has ended can be let hold. */
export function isRestorable({ status, command, task_status: task }: KeptCommand): boolean {
  return status === "review" && command === "finish" && task === "finished";
}
