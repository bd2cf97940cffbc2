/** Key areas, with states of their cameras and coverage: asked for at the start, and when their sheet opens. */

import type { KeyArea, ViewingCalls } from "../wire/viewing";

export class KeyAreas {
  readonly #calls: Pick<ViewingCalls, "keyAreas">;
  items = $state.raw<readonly KeyArea[]>([]);
  /** Null until they were asked for. */
  failed = $state<boolean | null>(null);

  constructor(calls: Pick<ViewingCalls, "keyAreas">) {
    this.#calls = calls;
  }

  async refresh(): Promise<void> {
    const found = await this.#calls.keyAreas().catch(() => null);
    this.failed = found === null;
    if (found) this.items = found.items;
  }
}
