/** When each level's lines and names show, by the size of its pieces: no level is known here by its name. Pure. */

import type { Level } from "../wire/types";

/** `depth` is 0 for the root. Lines show from `line` on; names from `nameFrom` to `nameTo`. */
export type LevelView = { code: string; depth: number; grid: boolean; line: number; nameFrom: number; nameTo: number };

const NEAREST = 24;

/** The level below the root is what one knows a place by: its lines show from afar, its names with the first room for
 * them. Each deeper one waits a little longer, so that only a few levels share the screen. */
function lineFrom(depth: number, zoom: number): number {
  return depth < 2 ? Math.max(0, zoom - 2.5) : zoom + 0.5 * (depth - 2);
}

/** Names of small areas are long, and there are many: they want more room than those of large ones. */
function namesFrom(depth: number, zoom: number): number {
  if (depth === 0) return 0;
  return depth === 1 ? Math.max(0, zoom - 0.4) : zoom + (depth === 2 ? 0.1 : 1.5);
}

/** Levels from the root down. `zoom` is where a level's pieces are 64 pixels across; the tiles hold back a level that
 * has no size yet. */
export function levelViews(levels: readonly Level[]): LevelView[] {
  const from = levels.map(({ zoom }, depth) => namesFrom(depth, zoom ?? 0));
  return levels.map(({ code, grid, zoom }, depth) => ({
    code,
    depth,
    grid,
    line: depth === 0 ? 0 : lineFrom(depth, zoom ?? 0),
    nameFrom: from[depth] as number,
    // A name goes when what lies two levels below has names: the one between still says where one is.
    nameTo: depth === 0 ? (from[1] ?? NEAREST) : from[depth + 2] === undefined ? NEAREST : (from[depth + 2] as number) + 0.4,
  }));
}

/** A zoom at which one piece of this level fills a good part of the screen. */
export function zoomOf(levels: readonly Level[], code: string): number {
  return (levels.find((level) => level.code === code)?.zoom ?? 9) + 2.9;
}
