/** The hotspot view: resolution, time window, category. The feed subscribes to it. */

import { resolutionAt } from "./resolution";
import type { Session } from "./session.svelte";

export class HotspotView {
  readonly #session: Pick<Session, "county">;
  #window = $state<string | null>(null);
  res = $state(8);
  category = $state<string | null>(null);

  constructor(session: Pick<Session, "county">) {
    this.#session = session;
  }

  get window(): string {
    return this.#window ?? this.#session.county?.hotspots.window ?? "24h";
  }

  set window(code: string) {
    this.#window = code;
  }

  /** Follows the zoom: coarser cells from afar, finer ones when near. */
  follow(zoom: number): void {
    const { county } = this.#session;
    if (county) this.res = resolutionAt(zoom, county.hotspots.resolutions);
  }
}
