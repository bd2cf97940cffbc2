/** Zooms from which each level's boundaries and names show, by the size of its divisions. Pure. */

import type { Level } from "../wire/types";

/** `depth` is 0 for the root. Lines show from `line` on; names from `nameFrom` to `nameTo`. */
export type LevelView = { code: string; depth: number; grid: boolean; line: number; nameFrom: number; nameTo: number };

const NEAREST = 24;

/** Boundaries of the first two levels show from afar. Each deeper level waits a little longer, so that only a few
 * levels share the screen. */
function lineFrom(depth: number, zoom: number): number {
  return depth < 2 ? Math.max(0, zoom - 2.5) : zoom + 0.5 * (depth - 2);
}

/** Names of small divisions are long and many: they need more room than those of large ones. */
function namesFrom(depth: number, zoom: number): number {
  if (depth === 0) return 0;
  return depth === 1 ? Math.max(0, zoom - 0.4) : zoom + (depth === 2 ? 0.1 : 1.5);
}

/** Levels from the root down. `zoom` is where a level's divisions are 64 pixels across; null before it has any. */
export function levelViews(levels: readonly Level[]): LevelView[] {
  const from = levels.map(({ zoom }, depth) => namesFrom(depth, zoom ?? 0));
  return levels.map(({ code, grid, zoom }, depth) => ({
    code,
    depth,
    grid,
    line: depth === 0 ? 0 : lineFrom(depth, zoom ?? 0),
    nameFrom: from[depth] as number,
    // A level's names disappear when those two levels below show.
    nameTo: depth === 0 ? (from[1] ?? NEAREST) : from[depth + 2] === undefined ? NEAREST : (from[depth + 2] as number) + 0.4,
  }));
}

/** A zoom at which one division of this level fills a good part of the screen. */
export function zoomOf(levels: readonly Level[], code: string): number {
  return (levels.find((level) => level.code === code)?.zoom ?? 9) + 2.9;
}

/** The zoom at `scale`: names twice as large need twice the room and show one zoom later. */
export const raised = (zoom: number, scale: number) => Math.max(0, Math.min(24, zoom + (zoom ? Math.log2(scale) : 0)));
