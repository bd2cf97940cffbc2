/** Hotspots of a day of the past, shown in place of the live ones. */

import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Hotspots } from "../wire/types";
import type { HotspotView } from "./hotspotview.svelte";
import type { Scenes } from "./scenes.svelte";

export type PastDayParts = {
  calls: Pick<Calls, "hotspots">;
  scenes: Pick<Scenes, "current" | "replaying">;
  hotspotView: Pick<HotspotView, "res" | "window" | "category">;
};

export class PastDay {
  readonly #parts: PastDayParts;
  /** The day, as `2022-05-01`; null for the present. */
  day = $state<string | null>(null);
  failed = $state(false);
  #found = $state.raw<Hotspots | null>(null);
  #request: AbortController | null = null;

  constructor(parts: PastDayParts) {
    this.#parts = parts;
  }

  /** Whether a day of the past is on the screen. A replay has its own moment. */
  get chosen(): boolean {
    return this.day !== null && !this.#parts.scenes.replaying;
  }

  get loading(): boolean {
    return this.chosen && this.#found === null && !this.failed;
  }

  /** The hotspots on the screen; null while those of the day load, for live ones would pass for the past. */
  get hotspots(): Hotspots | null {
    return this.chosen ? this.#found : this.#parts.scenes.current.hotspots;
  }

  back(): void {
    this.day = null;
  }

  /** Fetches the day in the view that is set. Called from an effect, which runs again when either changes. */
  async follow(): Promise<void> {
    const { res, window, category } = this.#parts.hotspotView;
    const day = this.day;
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.#found = null;
    this.failed = false;
    if (day === null) return;
    try {
      const found = await this.#parts.calls.hotspots({ at: day, res, window, category }, request.signal);
      if (!request.signal.aborted) this.#found = found;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (!request.signal.aborted) this.failed = true;
    }
  }
}
