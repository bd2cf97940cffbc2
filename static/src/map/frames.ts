/** Gives deck its frames: each of the browser's while something changes on the map, and a few a second while nothing does.
 *
 * Left alone, deck asks for sixty a second all day long, to look whether there is anything to draw.
 */

/** How long the map is watched closely after a change. */
const WATCHED_MS = 500;

/** How soon deck sees what did not come by a change, such as a picture that has arrived. */
const REST_MS = 250;

/** What frames need of a window. */
export type Ticker = Pick<Window, "requestAnimationFrame" | "cancelAnimationFrame"> & {
  performance: { now(): number };
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
};

export class Frames {
  readonly #ticker: Ticker;
  #watchedUntil = 0;
  /** Who waits for the next frame; deck's loop is the only one, and waits for one at a time. */
  #waiting: FrameRequestCallback | null = null;
  #frame = 0;
  #rest = 0;

  constructor(ticker: Ticker = window) {
    this.#ticker = ticker;
    this.wake();
  }

  /** Something changes on the map: the next frame comes at once, and more for a while. */
  wake(): void {
    this.#watchedUntil = this.#ticker.performance.now() + WATCHED_MS;
    if (this.#waiting && !this.#frame) this.#askNow();
  }

  requestAnimationFrame(callback: FrameRequestCallback): number {
    this.#waiting = callback;
    if (this.#ticker.performance.now() < this.#watchedUntil) this.#askNow();
    else this.#rest = this.#ticker.setTimeout(() => this.#askNow(), REST_MS);
    return 1;
  }

  cancelAnimationFrame(): void {
    this.#waiting = null;
    this.#ticker.clearTimeout(this.#rest);
    this.#ticker.cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #askNow(): void {
    this.#ticker.clearTimeout(this.#rest);
    this.#frame = this.#ticker.requestAnimationFrame((time) => {
      const waiting = this.#waiting;
      this.#waiting = null;
      this.#frame = 0;
      waiting?.(time);
    });
  }
}
