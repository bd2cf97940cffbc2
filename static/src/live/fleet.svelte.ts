/** Positions of the forces: typed arrays outside the reactive graph, behind one version counter. */

import type { Fixes } from "../wire/types";

const ROOM = 256;

/** Shortest time between redraws: constant drawing would block the keyboard. */
const SHOWN_EVERY_MS = 500;

/** A slow machine pauses this many frame times between redraws, at most the longest pause. */
const REST_PER_FRAME = 3;
const LONGEST_REST_MS = 6000;

/** How much older a fix may be that has only come late. One that is older still is of a clock that was set back. */
const LATE_MS = 120_000;

/** A fix at least this accurate, in metres, is not coarse. Here and below as the server has it. */
export const COARSE_M = 100;
const ASSUMED_M = 30;
const COARSER = 3;
const DRIFT_M_PER_MS = 0.01;

/** Whether an earlier fix says better where a force is than a later, far coarser one. */
function isCoarse(radius: number, earlier: number, ms: number): boolean {
  return (radius || ASSUMED_M) > Math.max(COARSE_M, COARSER * (earlier || ASSUMED_M) + DRIFT_M_PER_MS * ms);
}

/** The latest fix of every force, column by column. `version` moves twice a second at most. */
export class Fleet {
  version = $state(0);
  count = 0;
  force = new Float64Array(ROOM);
  /** lon, lat, lon, lat, … */
  position = new Float64Array(ROOM * 2);
  at = new Float64Array(ROOM);
  heading = new Float32Array(ROOM);
  /** Radius in metres, 0 where unknown. */
  accuracy = new Float32Array(ROOM);
  #slots = new Map<number, number>();
  #scheduled = false;
  #shownAt = 0;
  #frameMs = 0;

  slot(force: number): number | undefined {
    return this.#slots.get(force);
  }

  /** [lon, lat] of a force, or undefined where no fix is known. */
  where(force: number): [number, number] | undefined {
    const slot = this.#slots.get(force);
    return slot === undefined ? undefined : [this.position[slot * 2] as number, this.position[slot * 2 + 1] as number];
  }

  /** Epoch milliseconds of a force's latest fix. */
  seenAt(force: number): number | undefined {
    const slot = this.#slots.get(force);
    return slot === undefined ? undefined : this.at[slot];
  }

  /** Accuracy of a force's latest fix in metres, undefined where unknown. */
  accuracyOf(force: number): number | undefined {
    const slot = this.#slots.get(force);
    return (slot !== undefined && this.accuracy[slot]) || undefined;
  }

  replace(fixes: Fixes): void {
    this.#slots.clear();
    this.count = 0;
    this.#write(fixes);
    this.version += 1;
  }

  /** Stores fixes at once and shows them with the next drawn frame, which a hidden window may delay for hours. */
  update(fixes: Fixes): void {
    this.#write(fixes);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const pause = Math.min(LONGEST_REST_MS, Math.max(SHOWN_EVERY_MS, REST_PER_FRAME * this.#frameMs));
    const rest = Math.max(0, this.#shownAt + pause - performance.now());
    setTimeout(() => requestAnimationFrame(() => this.#show()), rest);
  }

  /** Forgets a force. The last column takes its place. */
  remove(force: number): void {
    const slot = this.#slots.get(force);
    if (slot === undefined) return;
    const last = --this.count;
    this.#slots.delete(force);
    if (slot !== last) this.#move(last, slot);
    for (const column of [this.force, this.at, this.heading, this.accuracy]) column[last] = 0;
    this.position.fill(0, last * 2, last * 2 + 2);
    this.version += 1;
  }

  #move(from: number, to: number): void {
    for (const column of [this.force, this.at, this.heading, this.accuracy]) column.copyWithin(to, from, from + 1);
    this.position.copyWithin(to * 2, from * 2, from * 2 + 2);
    this.#slots.set(this.force[to] as number, to);
  }

  #show(): void {
    this.#scheduled = false;
    this.#shownAt = performance.now();
    this.version += 1;
    this.#measure();
  }

  /** Measures how long the frame with these positions takes, until the next one begins. */
  #measure(): void {
    const began = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => (this.#frameMs = performance.now() - began)));
  }

  #write(fixes: Fixes): void {
    for (let i = 0; i < fixes.force.length; i++) {
      const slot = this.#slotFor(fixes.force[i] as number);
      const at = fixes.at[i] as number;
      const known = this.at[slot] as number;
      const radius = fixes.accuracy[i] ?? 0;
      const overrules = isCoarse(this.accuracy[slot] as number, radius, known - at);
      if (at < known && known - at <= LATE_MS && !overrules) continue;
      this.at[slot] = at;
      this.position[slot * 2] = fixes.lon[i] as number;
      this.position[slot * 2 + 1] = fixes.lat[i] as number;
      this.heading[slot] = fixes.heading[i] ?? 0;
      this.accuracy[slot] = radius;
    }
  }

  #slotFor(force: number): number {
    const known = this.#slots.get(force);
    if (known !== undefined) return known;
    const slot = this.count++;
    if (slot >= this.force.length) this.#grow();
    this.#slots.set(force, slot);
    this.force[slot] = force;
    this.at[slot] = 0;
    this.accuracy[slot] = 0;
    return slot;
  }

  #grow(): void {
    const enlarge = <Column extends Float64Array | Float32Array>(old: Column, into: Column): Column => {
      into.set(old);
      return into;
    };
    const room = this.force.length * 2;
    this.force = enlarge(this.force, new Float64Array(room));
    this.position = enlarge(this.position, new Float64Array(room * 2));
    this.at = enlarge(this.at, new Float64Array(room));
    this.heading = enlarge(this.heading, new Float32Array(room));
    this.accuracy = enlarge(this.accuracy, new Float32Array(room));
  }
}
