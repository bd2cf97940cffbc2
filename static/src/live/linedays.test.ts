import { describe, expect, it } from "vitest";
import type { DaysOfLines } from "../wire/planning";
import { stopOn, stopsOf } from "./linedays";

const days = {
  start: "2026-01-01",
  items: [
    { day: "2026-02-01", counts: { renamed: 1 }, changes: [{ code: "g1" }] },
    { day: "2026-03-01", counts: { surveyed: 4, renamed: 1 }, changes: [] },
    { day: "2026-04-01", counts: { surveyed: 2 }, changes: [] },
    { day: "2026-05-01", counts: { surveyed: 1, redrawn: 2, begun: 1 }, changes: [] },
  ],
} as unknown as DaysOfLines;

describe("the days of the lines", () => {
  it("say what changed, and which of them only a name, or only the survey", () => {
    const stops = stopsOf(days);
    expect(stops.map(({ weight }) => weight)).toEqual(["start", "name", "name", "survey", "lines"]);
    expect(stops.at(-1)?.counts).toEqual([{ change: "redrawn", n: 2 }, { change: "begun", n: 1 }, { change: "surveyed", n: 1 }]);
  });

  it("stand at the last stop that is not later than a day", () => {
    const stops = stopsOf(days);
    expect(["2025-01-01", "2026-02-01", "2026-04-30", "2030-01-01"].map((day) => stopOn(stops, day))).toEqual([0, 1, 3, 4]);
  });
});
