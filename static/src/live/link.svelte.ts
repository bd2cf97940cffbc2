import type { Key } from "../i18n/zh";
import { isNotLive, linkState, type LinkState } from "../wire/link";
import type { Trouble } from "../wire/types";
import type { Clock } from "./clock.svelte";

/** State of the live link, as the screens show it. */
export class Link {
  readonly #clock: Pick<Clock, "now">;

  open = $state(false);
  /** Epoch milliseconds by the desk's own clock, by which silence is measured. */
  lastMessageAt = $state<number | null>(null);
  /** Problems that the server reports of itself. */
  troubles = $state.raw<Trouble[]>([]);

  /** Looked at every second, and told only when it changes. */
  readonly state = $derived.by<LinkState>(() => {
    void this.#clock.now;
    return linkState(this.open, this.lastMessageAt, Date.now(), this.troubles);
  });

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  get silenceMs(): number | null {
    void this.#clock.now;
    return this.lastMessageAt === null ? null : Math.max(0, Date.now() - this.lastMessageAt);
  }

  /** Whether the link lives but the server reports that its data is delayed. */
  get behind(): boolean {
    return this.state === "stale" && this.troubles.some(isNotLive);
  }

  get label(): Key {
    return this.behind ? "link.behind" : `link.${this.state}`;
  }
}
