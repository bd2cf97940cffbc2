/** Asks for one thing at a time and only for the newest: what was offered meanwhile replaces what waits. */

/** `everyMs`: how far apart requests begin at least. */
type Parts<Wanted, Answer> = {
  everyMs: number;
  ask: (wanted: Wanted) => Promise<Answer>;
  onAnswer: (answer: Answer, wanted: Wanted) => void;
  onError: (problem: unknown, wanted: Wanted) => void;
};

export class Latest<Wanted, Answer> {
  readonly #parts: Parts<Wanted, Answer>;
  #waiting: { wanted: Wanted } | null = null;
  /** Sequence number of the newest request that was offered; answers to those before `#valid` are dropped. */
  #sequence = 0;
  #valid = 0;
  #busy = false;

  constructor(parts: Parts<Wanted, Answer>) {
    this.#parts = parts;
  }

  /** Whether an answer is awaited that will be shown. */
  get pending(): boolean {
    return this.#waiting !== null || (this.#busy && this.#valid <= this.#sequence);
  }

  /** Sends it now, or as soon as the one before is answered, unless a newer one comes first. */
  offer(wanted: Wanted): void {
    this.#waiting = { wanted };
    if (!this.#busy) void this.#run();
  }

  /** Forgets what waits, and drops the answer that is under way. */
  drop(): void {
    this.#waiting = null;
    this.#valid = this.#sequence + 1;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting) {
      const { wanted } = this.#waiting;
      this.#waiting = null;
      const sequence = ++this.#sequence;
      const began = performance.now();
      try {
        const answer = await this.#parts.ask(wanted);
        if (sequence >= this.#valid) this.#parts.onAnswer(answer, wanted);
      } catch (problem) {
        if (sequence >= this.#valid) this.#parts.onError(problem, wanted);
      }
      await this.#rest(began);
    }
    this.#busy = false;
  }

  #rest(began: number): Promise<void> {
    const left = began + this.#parts.everyMs - performance.now();
    return left > 0 ? new Promise((rested) => setTimeout(rested, left)) : Promise.resolve();
  }
}
