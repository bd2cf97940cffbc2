import { describe, expect, it } from "vitest";
import type { Summary } from "../../../wire/planning";
import { pointsOf } from "./tradeoff";

const of = (load_deviation: number, moved_households: number | null, moved_pieces = 1) => ({ load_deviation, moved_households, moved_pieces }) as Summary;

describe("the trade-off", () => {
  it("goes from the fewest households that move to the most even load, by its size and not its sign", () => {
    const plot = pointsOf(of(-0.8, 0), [of(0.1, 90), of(-0.3, 20)]);
    expect(plot.points.map(({ i, moved, deviation }) => [i, moved, deviation])).toEqual([[1, 20, 0.3], [0, 90, 0.1]]);
    expect([plot.today, plot.mostMoved, plot.mostDeviation, plot.byHouseholds]).toEqual([0.8, 90, 0.8, true]);
  });

  it("counts divisions where households are not known, and divides by nothing", () => {
    const plot = pointsOf(of(0, null), [of(0, null, 0)]);
    expect([plot.byHouseholds, plot.mostMoved, plot.mostDeviation]).toEqual([false, 1, 1]);
  });
});
