/** Something that a screen shows of the server: fetched, and fetched again when it may have changed. */

import { ApiError } from "../wire/client";
import { InOrder } from "./inorder";

/** Changes come in bursts; one fetch follows each. */
const GATHER_MS = 400;
const RETRY_MS = 4000;

export class Fetched<T> {
  /** Null until the first answer. */
  value = $state.raw<T | null>(null);
  failed = $state(false);
  #ask: () => Promise<T>;
  readonly #order = new InOrder();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks another question; the answer to the last one is no longer shown. */
  ask(question: () => Promise<T>): Promise<void> {
    this.#ask = question;
    this.#order.forget();
    this.value = null;
    return this.refresh();
  }

  /** A failed question is asked again until it is answered. */
  async refresh(): Promise<void> {
    const asked = this.#order.ask();
    try {
      const value = await this.#ask();
      if (!this.#order.takes(asked)) return;
      this.value = value;
      this.failed = false;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (!this.#order.isLast(asked)) return;
      this.failed = true;
      this.#later(RETRY_MS);
    }
  }

  /** Something has changed: fetch soon. */
  changed(): void {
    this.#later(GATHER_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.refresh(), ms);
  }
}
