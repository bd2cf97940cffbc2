/** Which hotspots are looked at: resolution, window, category. The feed is told, and answers with the view whole. */

import { session } from "./session.svelte";

class HotView {
  #window = $state<string | null>(null);
  #res = $state<number | null>(null);
  category = $state<string | null>(null);

  get window(): string {
    return this.#window ?? session.county?.hotspots.window ?? "24h";
  }

  set window(code: string) {
    this.#window = code;
  }

  get res(): number {
    return this.#res ?? session.county?.hotspots.res ?? 9;
  }

  set res(res: number) {
    this.#res = res;
  }
}

export const hotView = new HotView();
