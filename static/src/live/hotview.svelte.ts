/** Which hotspots are looked at: resolution, window, category. The feed is told, and answers with the view whole. */

import { session } from "./session.svelte";

/** The finest resolution whose cells can still be told apart at a zoom: a cell is then some dozen pixels across. */
export function resolutionAt(zoom: number, resolutions: readonly number[]): number {
  const wanted = zoom >= 14 ? 10 : zoom >= 11.2 ? 9 : 8;
  const fitting = resolutions.filter((res) => res <= wanted);
  return fitting.length ? Math.max(...fitting) : Math.min(...resolutions);
}

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
