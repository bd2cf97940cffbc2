/** The way by road to the task's incident, and what is closed on it or near it. */

import { createContext } from "svelte";
import type { AppState } from "../../live/app.svelte";
import { comesNear } from "../../live/nearway";
import { ApiError } from "../../wire/client";
import type { Closure, Task, WayByRoad } from "../../wire/types";

/** So far from the way a closure is told. */
const NEAR_M = 300;
const COMING = ["assigned", "accepted", "departed"];

export type OwnWayParts = Pick<AppState, "scenes"> & { calls: Pick<AppState["calls"], "way" | "closures"> };
type Point = readonly [number, number];

export class OwnWay {
  readonly #parts: OwnWayParts;
  #found = $state.raw<{ task: number; at: number; way: WayByRoad } | null>(null);
  #request = 0;
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
  async ask(task: Pick<Task, "id" | "incident" | "force" | "status"> | undefined): Promise<void> {
    const request = ++this.#request;
    if (!task || !COMING.includes(task.status)) return void (this.#found = null);
    try {
      const way = await this.#parts.calls.way(task.incident, task.force);
      if (request === this.#request) this.#found = way && { task: task.id, at: this.#parts.scenes.now, way };
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
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
