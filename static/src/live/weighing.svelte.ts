/** Weights that a person tries, and what they would have done: asked for while a slider moves. */

import type { BoardCalls } from "../wire/board";
import { ApiError } from "../wire/client";
import type { Factors, Weight, WeightCode, WhatIf } from "../wire/weighing";
import { InOrder } from "./inorder";

/** A slider gives dozens of values a second. */
const GATHER_MS = 150;
export const SPANS = [7, 30, 90] as const;

/** The terms of a weight when it counts so many times, by name. */
export function termsOf({ terms }: Weight, factor: number): [string, number][] {
  return Object.entries(terms).map(([name, minutes]) => [name, Math.round(minutes * factor * 100) / 100 || 0]);
}

/** The lines of a pack for the weights that differ from its own. */
export function packLines(weights: readonly Weight[], factors: Factors): string {
  const lines = weights.flatMap((weight) => {
    const factor = factors[weight.code] ?? 1;
    return factor === 1 ? [] : termsOf(weight, factor).map(([name, minutes]) => `${name} = ${minutes}`);
  });
  return lines.length ? ["[dispatch]", ...lines].join("\n") : "";
}

/** `span` names the first and the last of so many days up to today. */
type Parts = { board: Pick<BoardCalls, "whatIf">; span: (days: number) => { from: string; to: string } };

export class Weighing {
  readonly #parts: Parts;
  readonly #order = new InOrder();
  #soon: ReturnType<typeof setTimeout> | undefined;
  factors = $state.raw<Factors>({});
  days = $state<number>(30);
  scope = $state<string | null>(null);
  /** Null until the first answer. */
  answer = $state.raw<WhatIf | null>(null);
  asking = $state(false);
  failed = $state(false);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Counts a weight so many times. */
  weigh(code: WeightCode, factor: number): void {
    this.factors = { ...this.factors, [code]: factor };
    this.#later();
  }

  reset(): void {
    this.factors = {};
    this.#later();
  }

  look({ days = this.days, scope = this.scope }: { days?: number; scope?: string | null }): void {
    this.days = days;
    this.scope = scope;
    void this.ask();
  }

  stop(): void {
    clearTimeout(this.#soon);
    this.#order.forget();
  }

  async ask(): Promise<void> {
    clearTimeout(this.#soon);
    const asked = this.#order.ask();
    this.asking = true;
    try {
      const weights = Object.fromEntries(Object.entries(this.factors).filter(([, factor]) => factor !== 1));
      const answer = await this.#parts.board.whatIf({ weights, ...this.#parts.span(this.days), scope: this.scope });
      if (!this.#order.takes(asked)) return;
      this.answer = answer;
      this.failed = false;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (this.#order.isLast(asked)) this.failed = true;
    } finally {
      if (this.#order.isLast(asked)) this.asking = false;
    }
  }

  #later(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.ask(), GATHER_MS);
  }
}
