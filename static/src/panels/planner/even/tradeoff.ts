/** Places of alternatives on the chart of the trade-off. Pure. */

import type { Summary } from "../../../wire/planning";

export type Plotted = { i: number; moved: number; deviation: number };
export type Plot = { points: Plotted[]; today: number; mostMoved: number; mostDeviation: number; byHouseholds: boolean };

/** By households where they are known for all, else by the divisions that change hands; fewest changes first. */
export function pointsOf(today: Summary, alternatives: readonly Summary[]): Plot {
  const byHouseholds = alternatives.every(({ moved_households }) => moved_households !== null);
  const points = alternatives
    .map((one, i) => ({ i, moved: (byHouseholds ? one.moved_households : one.moved_pieces) ?? 0, deviation: Math.abs(one.load_deviation) }))
    .sort((a, b) => a.moved - b.moved);
  const worst = Math.abs(today.load_deviation);
  const most = (values: readonly number[]) => Math.max(...values) || 1;
  return { points, today: worst, mostMoved: most(points.map(({ moved }) => moved)), mostDeviation: most([worst, ...points.map(({ deviation }) => deviation)]), byHouseholds };
}
