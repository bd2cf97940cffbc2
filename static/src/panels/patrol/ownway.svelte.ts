/** The way by road to the task's incident, and what is closed on it or near it. */

import { createContext } from "svelte";
import type { AppState } from "../../live/app.svelte";
import { metresBetween } from "../../live/metres";
import { comesNear } from "../../live/nearway";
import { ApiError } from "../../wire/client";
import type { Closure, Task, WayByRoad } from "../../wire/types";

/** So far from the way a closure is told. */
const NEAR_M = 300;
/** So far from the way another one is asked for: a fix between houses is off by some tens of metres, and streets lie farther apart. */
const OFF_M = 100;
/** Not more often: whoever turns off on purpose is back on the way, or well on another one, by then. */
const AGAIN_MS = 30_000;
const COMING = ["assigned", "accepted", "departed"];

export type OwnWayParts = Pick<AppState, "scenes"> & { calls: Pick<AppState["calls"], "way" | "closures"> };
type Point = readonly [number, number];
type Coming = Pick<Task, "id" | "incident" | "force" | "status">;

export class OwnWay {
  readonly #parts: OwnWayParts;
  #found = $state.raw<{ task: number; at: number; way: WayByRoad } | null>(null);
  #request = 0;
  /** When, from where, and whether in vain the way was last asked for. */
  #asked: { at: number; from: Point | undefined; inVain: boolean } = { at: 0, from: undefined, inVain: false };
  /** Counts the changes of closures. */
  changes = $state(0);

  constructor(parts: OwnWayParts) {
    this.#parts = parts;
  }

  /** Fetches what is closed now: a phone's feed has its own tasks only. */
  async fetchClosures(): Promise<void> {
    try {
      const { items } = await this.#parts.calls.closures();
      this.#parts.scenes.live.showClosures(items);
      this.changes += 1;
    } catch (problem) {
      // The next beat or snapshot asks again.
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  /** Asks for the way of a task that is under way. Without an answer the one before stays, with its time. */
  async ask(task: Coming | undefined, from?: Point): Promise<void> {
    const request = ++this.#request;
    if (!task || !COMING.includes(task.status)) return void (this.#found = null);
    const asked = { at: this.#parts.scenes.now, from, inVain: false };
    this.#asked = asked;
    try {
      const way = await this.#parts.calls.way(task.incident, task.force);
      if (request === this.#request) this.#found = way && { task: task.id, at: this.#parts.scenes.now, way };
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      asked.inVain = true;
    }
  }

  /** The phone is here now: asks anew where that is off the way, or where there was no answer. */
  async moved(task: Coming | undefined, place: Point | undefined): Promise<void> {
    if (!task || !place || this.#parts.scenes.now - this.#asked.at < AGAIN_MS) return;
    const { from, inVain } = this.#asked;
    const still = from !== undefined && metresBetween(from, place) <= OFF_M;
    const line = this.of(task.id)?.way.line;
    const off = line !== undefined && !still && !comesNear([place, place], line, OFF_M);
    if (off || inVain) await this.ask(task, place);
  }

  /** The way of a task, with the time at which it was asked for; null where none is known. */
  of(task: number | undefined): { at: number; way: WayByRoad } | null {
    return this.#found?.task === task ? this.#found : null;
  }

  /** Closures on a line or near it. */
  near(line: readonly Point[]): Closure[] {
    return this.#parts.scenes.live.closures.filter(({ outline }) => comesNear(outline, line, NEAR_M));
  }
}

export const [useOwnWay, provideOwnWay] = createContext<OwnWay>();
