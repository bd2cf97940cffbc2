import { describe, expect, it } from "vitest";
import type { PlanFigures } from "../wire/plans";
import { changeOf, isChanged, sumOfChanges } from "./figurechange";

const ROW: PlanFigures = {
  incidents: 10, by_class: {}, workload_minutes: 600, households: 100, enterprises: null, farthest_minutes: 12, cameras: 3,
  open_incidents: 1, communities_split: null, compactness: 0.5, load_deviation: 0.2, estimated: false,
};
const row = (over: Partial<PlanFigures>): PlanFigures => ({ ...ROW, ...over });

describe("a change", () => {
  it.each([
    ["workload_minutes", row({ workload_minutes: 500, load_deviation: 0.05 }), "good"],
    ["workload_minutes", row({ workload_minutes: 400, load_deviation: -0.3 }), "bad"],
    ["load_deviation", row({ load_deviation: -0.1 }), "good"],
    ["load_deviation", row({ load_deviation: -0.25 }), "bad"],
    ["farthest_minutes", row({ farthest_minutes: 15 }), "bad"],
    ["compactness", row({ compactness: 0.6 }), "good"],
    ["communities_split", row({ communities_split: 1 }), "even"],
    ["incidents", row({ incidents: 20 }), "even"],
    ["cameras", row({ cameras: 0 }), "even"],
    ["compactness", row({}), "even"],
  ] as const)("of %s is judged by the figure", (name, after, tone) => expect(changeOf(name, ROW, after).tone).toBe(tone));

  it("is not known where a figure is not: no zero, no NaN", () => {
    expect(changeOf("enterprises", ROW, ROW)).toEqual({ before: null, after: null, delta: null, tone: "even" });
    expect(changeOf("incidents", undefined, ROW)).toEqual({ before: null, after: 10, delta: null, tone: "even" });
    expect(changeOf("incidents", row({ incidents: 0 }), row({ incidents: 0 })).delta).toBe(0);
  });

  it("is seen where a division is new, has ended, or a figure became known", () => {
    expect(isChanged(ROW, ROW)).toBe(false);
    expect(isChanged(undefined, ROW)).toBe(true);
    expect(isChanged(ROW, undefined)).toBe(true);
    expect(isChanged(ROW, row({ enterprises: 4 }))).toBe(true);
  });

  it("sums to nothing where one loses what others gain, new and ended ones too", () => {
    const before = { a: ROW, ended: row({ incidents: 5 }) };
    const after = { a: row({ incidents: 8 }), new_1: row({ incidents: 7 }) };
    expect(sumOfChanges("incidents", ["a", "ended", "new_1"], before, after)).toBe(0);
    expect(sumOfChanges("incidents", ["a", "new_1"], before, after)).toBe(5);
  });
});
