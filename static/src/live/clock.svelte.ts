/** The server's time, once a second: due times and ages do not depend on the desk's own clock. */

export class Clock {
  /** Epoch milliseconds by the server's clock. Moves once a second. */
  now = $state(Date.now());
  #offset = 0;

  constructor() {
    setInterval(() => this.#tick(), 1000);
  }

  #tick(): void {
    this.now = Date.now() + this.#offset;
  }

  /** Takes the server's time. Differences up to half a second are network delay and ignored. */
  sync(serverNow: string): void {
    const offset = Date.parse(serverNow) - Date.now();
    if (Math.abs(offset - this.#offset) > 500) {
      this.#offset = offset;
      this.#tick();
    }
  }

  /** The exact moment, for measuring. */
  exact(): number {
    return Date.now() + this.#offset;
  }
}
