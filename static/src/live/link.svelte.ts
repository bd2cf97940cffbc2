import type { Key } from "../i18n/zh";
import { isNotLive, linkState, type LinkState } from "../wire/link";
import type { Trouble } from "../wire/types";
import type { Clock } from "./clock.svelte";

/** The link to the server, as the hall shows it. */
export class Link {
  readonly #clock: Pick<Clock, "now">;

  open = $state(false);
  /** Epoch milliseconds, by the desk's own clock: silence is measured where it is heard. */
  heardAt = $state<number | null>(null);
  /** What the server says is wrong with it. */
  troubles = $state.raw<Trouble[]>([]);

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  get silentFor(): number | null {
    void this.#clock.now;
    return this.heardAt === null ? null : Math.max(0, Date.now() - this.heardAt);
  }

  get state(): LinkState {
    void this.#clock.now;
    return linkState(this.open, this.heardAt, Date.now(), this.troubles);
  }

  /** Heard, but of no use: the server itself says that it does not know what is new. */
  get behind(): boolean {
    return this.state === "stale" && this.troubles.some(isNotLive);
  }

  get label(): Key {
    return this.behind ? "link.behind" : `link.${this.state}`;
  }
}
