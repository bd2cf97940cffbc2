/** What the form of a new incident needs of a screen without a desk: whether it is open, and where an incident opens. */

import type { Sheet } from "../hall/desk.svelte";

export class RegisteringDesk {
  sheet = $state<Sheet>(null);
  readonly opened = null;
  readonly shown = { refreshTimeline: (): Promise<void> => Promise.resolve() };
  readonly #show: (id: number) => Promise<void>;

  constructor(show: (id: number) => Promise<void>) {
    this.#show = show;
  }

  open(id: number): Promise<void> {
    return this.#show(id);
  }

  toggle(sheet: Exclude<Sheet, null>): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }

  back(): void {
    this.sheet = null;
  }
}
