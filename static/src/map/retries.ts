/** Asks once more for the tiles of a source that a server behind ours did not give, when it may give them. */

/** As long as our server leaves another one alone after faults. */
export const RETRY_MS = 15_000;

export class Retries {
  readonly #refresh: (source: string) => void;
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(refresh: (source: string) => void) {
    this.#refresh = refresh;
  }

  /** A tile of the source had no answer. Many of them make one retry. */
  failed(source: string): void {
    if (this.#waiting.has(source)) return;
    const retry = () => {
      this.#waiting.delete(source);
      this.#refresh(source);
    };
    this.#waiting.set(source, setTimeout(retry, RETRY_MS));
  }

  stop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
