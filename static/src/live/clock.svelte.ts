/** The server's time, once a second: due times and ages are the server's, whatever the desk's own clock says. */

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

  /** The server has just said what time it is. Small differences are the network's and are left alone. */
  learn(serverNow: string): void {
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
