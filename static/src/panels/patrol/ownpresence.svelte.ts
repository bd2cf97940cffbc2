/** Tells the server what this page has: its task, and whether it is in front of somebody. */

import type { AppState } from "../../live/app.svelte";
import { ApiError } from "../../wire/client";

export type OwnPresenceParts = {
  calls: Pick<AppState["calls"], "tellPresence">;
  platform: Pick<AppState["platform"], "events" | "notifications">;
};

export class OwnPresence {
  readonly #parts: OwnPresenceParts;
  #task: number | null = null;
  #told = "";

  constructor(parts: OwnPresenceParts) {
    this.#parts = parts;
  }

  /** Tells of each time that the page is hidden or comes back. Returns how to stop. */
  start(): () => void {
    const { events } = this.#parts.platform;
    const [changed, left] = [() => void this.#tell(), () => void this.#tell("background")];
    events.addEventListener("visibilitychange", changed);
    events.addEventListener("pagehide", left);
    return () => {
      events.removeEventListener("visibilitychange", changed);
      events.removeEventListener("pagehide", left);
    };
  }

  /** The page has this task, or none. Also called when the connection is back: what was not heard is said again. */
  async has(task: number | null): Promise<void> {
    this.#task = task;
    await this.#tell();
  }

  async #tell(state: "front" | "background" = this.#parts.platform.notifications.hidden() ? "background" : "front"): Promise<void> {
    const saying = `${state}:${this.#task ?? ""}`;
    if (saying === this.#told) return;
    this.#told = saying;
    try {
      await this.#parts.calls.tellPresence({ state, task: this.#task });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (this.#told === saying) this.#told = "";
    }
  }
}
