/** Keeps a phone's screen on while its user wishes: a locked phone stops the page, and a new task is neither heard nor felt. */

import type { Platform } from "../wire/platform";

const STORED = "maplebridge.awake";
const ON = "on";

export class Awake {
  readonly #platform: Pick<Platform, "storage" | "events" | "keepAwake">;
  /** Whether the user wishes it; kept by the browser. */
  wished = $state(false);
  /** Whether the screen stays on now. */
  held = $state(false);
  #release: (() => void) | null = null;

  constructor(platform: Pick<Platform, "storage" | "events" | "keepAwake">) {
    this.#platform = platform;
    this.wished = platform.storage.getItem(STORED) === ON;
  }

  /** Browsers keep screens on only for pages that came by https. */
  get supported(): boolean {
    return this.#platform.keepAwake !== null;
  }

  /** Holds the screen as wished, again whenever the page comes back into sight. Returns how to stop. */
  start(): () => void {
    const { events } = this.#platform;
    const again = () => void this.#hold();
    events.addEventListener("visibilitychange", again);
    again();
    return () => {
      events.removeEventListener("visibilitychange", again);
      this.#drop();
    };
  }

  toggle(): void {
    this.wished = !this.wished;
    this.#platform.storage.setItem(STORED, this.wished ? ON : "off");
    if (this.wished) void this.#hold();
    else this.#drop();
  }

  /** The browser refuses while the page is out of sight, and when the battery is low. */
  async #hold(): Promise<void> {
    if (!this.wished || this.held || !this.#platform.keepAwake) return;
    const release = await this.#platform.keepAwake(() => (this.held = false));
    if (!release) return;
    this.#release = release;
    this.held = true;
    if (!this.wished) this.#drop();
  }

  #drop(): void {
    this.#release?.();
    this.#release = null;
    this.held = false;
  }
}
