/** Plays a replay: pause, speed, and steps of a minute, an hour or a day. */

import type { Clock } from "./clock.svelte";
import type { Scenes } from "./scenes.svelte";

/** How many times faster than real. */
export const SPEEDS = [1, 10, 60, 300, 900] as const;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const TICK_MS = 500;
/** Where a replay begins that is started without a moment. */
const BEGIN_MS = HOUR_MS;

export type PlaybackParts = { scenes: Scenes; clock: Pick<Clock, "now"> };

export class Playback {
  readonly #scenes: Scenes;
  readonly #clock: PlaybackParts["clock"];
  speed = $state<number>(60);
  /** The earliest moment that the server replays, epoch milliseconds; null while unknown. */
  keptFrom = $state<number | null>(null);
  #timer = $state<ReturnType<typeof setInterval> | null>(null);

  constructor({ scenes, clock }: PlaybackParts) {
    this.#scenes = scenes;
    this.#clock = clock;
  }

  get playing(): boolean {
    return this.#timer !== null && this.#scenes.replaying;
  }

  /** Plays from the moment shown, or from an hour ago. */
  play(): void {
    if (!this.#scenes.replaying) this.#show(this.#clock.now - BEGIN_MS);
    this.pause();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  pause(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  back(): void {
    this.pause();
    this.#scenes.back();
  }

  /** Moves by so many milliseconds, and goes on playing if it was. Past now it leads back to live. */
  step(ms: number): void {
    this.#show((this.#scenes.moment ?? this.#clock.now) + ms);
  }

  /** Chooses the next speed up (1) or down (-1). */
  faster(by: 1 | -1): void {
    const at = SPEEDS.findIndex((speed) => speed === this.speed);
    this.speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + by))] ?? this.speed;
  }

  #tick(): void {
    const { moment } = this.#scenes;
    if (moment === null) return this.pause();
    const next = moment + this.speed * TICK_MS;
    if (next >= this.#clock.now) return this.back();
    this.#scenes.advance(next);
  }

  #show(moment: number): void {
    if (moment >= this.#clock.now) return this.back();
    this.#scenes.show(Math.max(moment, this.#earliest()));
  }

  /** A minute within what is kept: the request takes its time. */
  #earliest(): number {
    return this.keptFrom === null ? -Infinity : this.keptFrom + MINUTE_MS;
  }
}
