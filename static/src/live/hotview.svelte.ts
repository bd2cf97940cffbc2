/** Which hotspots are looked at: resolution, window, category. The feed is told, and answers with the view whole. */

import { resolutionAt } from "./resolution";
import type { Session } from "./session.svelte";

export class HotView {
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

  /** Coarser from afar, finer when near. */
  follow(zoom: number): void {
    const { county } = this.#session;
    if (county) this.res = resolutionAt(zoom, county.hotspots.resolutions);
  }
}
