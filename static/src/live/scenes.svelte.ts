/** The live scene, the replayed one, and which of them the screen shows. */

import { untrack } from "svelte";
import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Clock } from "./clock.svelte";
import { riskRank } from "./names";
import { Scene } from "./scene.svelte";
import type { Session } from "./session.svelte";
import { dueIn } from "./urgency";

const DEBOUNCE_MS = 150;

export type ScenesParts = { calls: Pick<Calls, "replay">; clock: Clock; session: Pick<Session, "county"> };

export class Scenes {
  readonly #calls: ScenesParts["calls"];
  readonly #clock: Clock;
  readonly #session: ScenesParts["session"];
  readonly #rank = $derived.by(() => riskRank(this.#session.county));
  readonly live: Scene;
  readonly past: Scene;
  /** The moment being replayed, epoch milliseconds; null while live. */
  moment = $state<number | null>(null);
  loading = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request: AbortController | null = null;

  constructor({ calls, clock, session }: ScenesParts) {
    this.#calls = calls;
    this.#clock = clock;
    this.#session = session;
    const rank = () => this.#rank;
    this.live = new Scene({ rank });
    this.past = new Scene({ rank });
  }

  /** The scene on the screen. Until the first replay has loaded, that is the live one. */
  get current(): Scene {
    return this.replaying && this.past.loaded ? this.past : this.live;
  }

  get replaying(): boolean {
    return this.moment !== null;
  }

  /** When the record begins, where the moment on the screen lies before that; else null. */
  get recordedFrom(): string | null {
    return this.replaying && this.past.isBeforeRecord ? this.past.recordedFrom : null;
  }

  /** Which figures are known: before the record began, only those of closed incidents; none while loading. */
  get known(): "all" | "closed" | "nothing" {
    if (!(this.replaying ? this.past : this.live).loaded) return "nothing";
    return this.recordedFrom === null ? "all" : "closed";
  }

  /** The time that clocks and ages are counted from. */
  get now(): number {
    return this.moment ?? this.#clock.now;
  }

  /** Waiting incidents past their first-response time. Computed once a second and on a new snapshot, not with every
   * frame: there may be thousands. */
  readonly overdue = $derived.by(() => {
    const now = this.now;
    void this.current.at;
    if (this.known !== "all") return [];
    return untrack(() => this.current.waiting).filter((incident) => dueIn(incident, now) < 0);
  });

  /** Replays a moment. While the strip is dragged, only where it rests is fetched. */
  show(moment: number): void {
    this.moment = moment;
    this.loading = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(moment), DEBOUNCE_MS);
  }

  /** Moves on to a later moment; while the last one loads, only the time moves. */
  advance(moment: number): void {
    this.moment = moment;
    if (this.loading) return;
    this.loading = true;
    void this.#fetch(moment);
  }

  back(): void {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.moment = null;
    this.loading = false;
    this.past.at = null;
  }

  async #fetch(moment: number): Promise<void> {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    try {
      const snapshot = await this.#calls.replay(new Date(moment).toISOString(), request.signal);
      if (request === this.#request && this.replaying) this.past.load(snapshot);
    } catch (problem) {
      if (problem instanceof ApiError && this.replaying) this.back();
    } finally {
      if (request === this.#request) this.loading = false;
    }
  }
}
