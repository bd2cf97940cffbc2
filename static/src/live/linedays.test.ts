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

  it("are also those on which the network of a sector began", () => {
    const names = (zh: string) => ({ zh, en: zh });
    const sectors = [
      { names: names("环保"), since: "2026-03-15" },
      { names: names("党建"), since: "2026-02-01" },
      { names: names("创城"), since: "2025-12-01" },
      { names: names("综治"), since: null },
    ];
    const stops = stopsOf(days, sectors);
    expect(stops.map(({ day, weight, networks }) => [day, weight, networks.map(({ zh }) => zh)])).toEqual([
      ["2026-01-01", "start", []],
      ["2026-02-01", "name", ["党建"]],
      ["2026-03-01", "name", []],
      ["2026-03-15", "network", ["环保"]],
      ["2026-04-01", "survey", []],
      ["2026-05-01", "lines", []],
    ]);
  });

  it("stand at the last stop that is not later than a day", () => {
    const stops = stopsOf(days);
    expect(["2025-01-01", "2026-02-01", "2026-04-30", "2030-01-01"].map((day) => stopOn(stops, day))).toEqual([0, 1, 3, 4]);
  });
});
