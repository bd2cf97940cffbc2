/** The notices that reach the account: fetched now and then, read and answered. */

import type { BoardCalls, Notice } from "../wire/board";
import { freshKey } from "../wire/calls";
import { ApiError } from "../wire/client";
import { InOrder } from "./inorder";

const MOST = 100;

export const isOpen = (notice: Pick<Notice, "answer_due_at" | "answered_at">): boolean => notice.answer_due_at !== null && notice.answered_at === null;

/** Those that want something first: an answer, then to be read; among them the latest. */
export function byWant(notices: readonly Notice[]): Notice[] {
  const rank = (one: Notice) => (isOpen(one) ? 0 : one.read_at === null ? 1 : 2);
  return [...notices].sort((a, b) => rank(a) - rank(b) || b.id - a.id);
}

export class NoticeBox {
  readonly #calls: Pick<BoardCalls, "notices" | "read" | "answer">;
  /** Null until the first answer. */
  items = $state.raw<readonly Notice[] | null>(null);
  failed = $state(false);
  /** Code of the last refusal. */
  problem = $state<string | null>(null);
  sending = $state<number | null>(null);
  readonly #order = new InOrder();

  constructor(calls: Pick<BoardCalls, "notices" | "read" | "answer">) {
    this.#calls = calls;
  }

  /** What is counted beside the bell: not read yet, or still to be answered. */
  readonly waiting = $derived.by(() => (this.items ?? []).filter((one) => one.read_at === null || isOpen(one)).length);
  readonly urgent = $derived.by(() => (this.items ?? []).some((one) => one.read_at === null && one.urgent));

  async refresh(): Promise<void> {
    const asked = this.#order.ask();
    try {
      const { items } = await this.#calls.notices({ limit: MOST });
      if (this.#order.takes(asked)) [this.items, this.failed] = [byWant(items), false];
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (this.#order.isLast(asked)) this.failed = true;
    }
  }

  /** Marks a notice as read; one that is read stays so. */
  async read(id: number): Promise<void> {
    if (this.items?.find((one) => one.id === id)?.read_at === null) await this.#change(id, this.#calls.read(id));
  }

  /** Returns whether the answer was taken. */
  async answer(id: number, words: string): Promise<boolean> {
    if (this.sending !== null || !words.trim()) return false;
    this.sending = id;
    const taken = await this.#change(id, this.#calls.answer(id, words.trim(), freshKey()));
    this.sending = null;
    return taken;
  }

  async #change(id: number, changing: Promise<Notice>): Promise<boolean> {
    this.problem = null;
    this.#order.forget();
    try {
      const after = await changing;
      // In its place: a list that jumps under the hand is read wrongly.
      this.items = (this.items ?? []).map((one) => (one.id === id ? after : one));
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.problem = problem.code;
      return false;
    }
  }
}
