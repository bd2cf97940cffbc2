/** What is changing: the warnings of the last weeks, the chosen one with its incidents, and answers to them. */

import { ApiError } from "../wire/client";
import type { ChangeCalls, Changes, EarlyWarning, KindTrend, WarningAnswer } from "../wire/changes";
import type { Incident } from "../wire/types";
import { Fetched } from "./fetched.svelte";
import { InOrder } from "./inorder";

type Parts = { changes: Pick<ChangeCalls, "all" | "behind" | "answer"> };

/** Change per worked day, in percent; null where nothing can be compared. */
export function changePerDay(now: number, then: number, worked: number, workedThen: number): number | null {
  if (!then || !worked || !workedThen) return null;
  return (now / worked / (then / workedThen) - 1) * 100;
}

/** The kinds that had an incident lately, the most frequent first. */
export function frequent(kinds: readonly KindTrend[]): KindTrend[] {
  return kinds.filter(({ now, before }) => now + before > 0);
}

export class ChangesView {
  readonly #parts: Parts;
  readonly all: Fetched<Changes>;
  chosen = $state.raw<EarlyWarning | null>(null);
  incidents = $state.raw<readonly Incident[] | null>(null);
  refused = $state.raw<ApiError | null>(null);
  readonly #order = new InOrder();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.all = new Fetched(() => parts.changes.all());
  }

  async start(): Promise<void> {
    await this.all.refresh();
    const first = this.all.value?.warnings[0];
    if (first && !this.chosen) await this.choose(first);
  }

  stop(): void {
    this.all.stop();
  }

  async choose(warning: EarlyWarning): Promise<void> {
    this.chosen = warning;
    this.refused = null;
    const asked = this.#order.ask();
    this.incidents = null;
    try {
      const { items } = await this.#parts.changes.behind(warning.cases);
      if (this.#order.takes(asked)) this.incidents = items;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (this.#order.isLast(asked)) this.refused = problem;
    }
  }

  /** Says what became of the chosen warning. Returns whether that was taken. */
  async answer(answer: WarningAnswer): Promise<boolean> {
    if (!this.chosen) return false;
    this.refused = null;
    try {
      this.chosen = await this.#parts.changes.answer(this.chosen.id, answer);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.refused = problem;
    }
    await this.all.refresh();
    this.chosen = this.all.value?.warnings.find(({ id }) => id === this.chosen?.id) ?? this.chosen;
    return this.refused === null;
  }
}
