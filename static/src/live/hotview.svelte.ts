/** Which hotspots are looked at: resolution, window, category. The feed is told, and answers with the view whole. */

import { resolutionAt } from "./resolution";
import { session } from "./session.svelte";

class HotView {
  #window = $state<string | null>(null);
  res = $state(8);
  category = $state<string | null>(null);

  get window(): string {
    return this.#window ?? session.county?.hotspots.window ?? "24h";
  }

  set window(code: string) {
    this.#window = code;
  }

  /** Coarser from afar, finer when near. */
  follow(zoom: number): void {
    if (session.county) this.res = resolutionAt(zoom, session.county.hotspots.resolutions);
  }
}

export const hotView = new HotView();
