/** Passes a value on at once after a pause, and at intervals in a rush: constant drawing would block the keyboard. */

export class Throttled<Value> {
  #shown: Value;
  #version = $state(0);
  #latest: Value;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #passedAt = -Infinity;
  readonly #everyMs: number;

  constructor(first: Value, everyMs: number) {
    this.#shown = this.#latest = first;
    this.#everyMs = everyMs;
  }

  get value(): Value {
    void this.#version;
    return this.#shown;
  }

  offer(latest: Value): void {
    if (latest === this.#latest) return;
    this.#latest = latest;
    this.#timer ??= setTimeout(() => this.#pass(), Math.max(0, this.#passedAt + this.#everyMs - performance.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #pass(): void {
    this.#timer = undefined;
    this.#passedAt = performance.now();
    this.#shown = this.#latest;
    this.#version += 1;
  }
}
