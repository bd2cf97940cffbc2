/** Closing roads: what is being drawn, to whom and until when it is closed; and opening them again. */

import { dayAfter, isoDay, momentOf } from "../../../i18n/format";
import type { AppState } from "../../../live/app.svelte";
import { HOUR_MS } from "../../../live/playback.svelte";
import type { Closure, NewClosure } from "../../../wire/types";
import { codeOf } from "../actions.svelte";

export type ClosingParts = { scenes: Pick<AppState["scenes"], "now">; calls: Pick<AppState["calls"], "closeRoads" | "liftClosure"> };
export type Point = [number, number];

export const DRAWN = ["line", "polygon"] as const;
export const UNTIL = ["hour", "today", "lifted"] as const;
export const CLOSED_TO = { all: ["walk", "bike", "ebike", "motorbike", "car"], motor: ["motorbike", "car"] } as const satisfies Record<string, readonly Closure["modes"][number][]>;
export type ClosedTo = keyof typeof CLOSED_TO;
const LEAST: Record<(typeof DRAWN)[number], number> = { line: 2, polygon: 3 };
const MOST = 200;

/** To whom a closure is closed, of the two that the hall draws. */
export function closedTo({ modes }: Pick<Closure, "modes">): ClosedTo {
  return modes.includes("walk") || modes.includes("ebike") || modes.includes("bike") ? "all" : "motor";
}

export class Closing {
  readonly #parts: ClosingParts;
  /** Whether clicks on the map set points. */
  drawing = $state(false);
  drawn = $state<(typeof DRAWN)[number]>("line");
  points = $state.raw<readonly Point[]>([]);
  to = $state<ClosedTo>("all");
  until = $state<(typeof UNTIL)[number]>("hour");
  reason = $state("");
  /** The code of the last refusal. */
  problem = $state<string | null>(null);
  sending = $state(false);
  /** The closure that is being lifted. */
  lifting = $state<number | null>(null);
  /** The closure that was clicked on the map. */
  marked = $state<number | null>(null);

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  get ready(): boolean {
    return this.points.length >= LEAST[this.drawn] && this.reason.trim() !== "";
  }

  begin(): void {
    this.stop();
    this.drawing = true;
  }

  /** Forgets what was drawn. */
  stop(): void {
    this.drawing = false;
    this.points = [];
    this.drawn = "line";
    this.to = "all";
    this.until = "hour";
    this.reason = "";
    this.problem = null;
  }

  add(lon: number, lat: number): void {
    const [last] = this.points.slice(-1);
    const isRepeated = last?.[0] === lon && last[1] === lat;
    if (this.points.length < MOST && !isRepeated) this.points = [...this.points, [lon, lat]];
    this.problem = null;
  }

  undo(): void {
    this.points = this.points.slice(0, -1);
    this.problem = null;
  }

  /** Closes what was drawn. It is listed and drawn once its event has come. A refusal keeps the drawing. */
  async close(): Promise<void> {
    if (!this.ready || this.sending) return;
    this.sending = true;
    this.problem = null;
    try {
      await this.#parts.calls.closeRoads(this.#wanted());
      this.stop();
    } catch (problem) {
      this.problem = codeOf(problem);
    } finally {
      this.sending = false;
    }
  }

  async lift(id: number): Promise<void> {
    if (this.lifting !== null) return;
    this.lifting = id;
    this.problem = null;
    try {
      await this.#parts.calls.liftClosure(id);
    } catch (problem) {
      this.problem = codeOf(problem);
    } finally {
      this.lifting = null;
    }
  }

  #wanted(): NewClosure {
    const ends = this.#endsAt();
    return {
      drawn: this.drawn,
      points: this.points.map(([lon, lat]): Point => [lon, lat]),
      width_m: 20,
      modes: [...CLOSED_TO[this.to]],
      reason: this.reason.trim(),
      ...(ends === null ? {} : { ends_at: new Date(ends).toISOString() }),
    };
  }

  #endsAt(): number | null {
    const { now } = this.#parts.scenes;
    if (this.until === "hour") return now + HOUR_MS;
    return this.until === "today" ? momentOf(`${dayAfter(isoDay(now), 1)}T00:00`) : null;
  }
}
