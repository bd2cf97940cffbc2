import { describe, expect, it } from "vitest";
import type { PlanFigures } from "../wire/plans";
import { rowsOf } from "./plancompare";

const of = (incidents: number) => ({ incidents }) as PlanFigures;

describe("two plans side by side", () => {
  it("tell who gains and loses by each, what both change, and the largest difference first", () => {
    const pair = {
      both: ["a"],
      ours: { a: of(4), b: of(7), c: of(5) },
      theirs: { a: of(9), b: of(5), c: of(5) },
    };
    const rows = rowsOf("incidents", pair as never, { a: of(6), b: of(5) }, ["c", "a", "b"]);
    expect(rows.map(({ code, ours, theirs, both }) => [code, ours.delta, theirs.delta, both])).toEqual([
      ["a", -2, 3, true],
      ["b", 2, 0, false],
      ["c", 0, 0, false],
    ]);
  });

  it("take provisional codes for each plan's own", () => {
    const rows = rowsOf("incidents", { both: [], ours: { new_1: of(2) }, theirs: {} } as never, {}, ["new_1"]);
    expect(rows[0]).toMatchObject({ before: null, ours: { after: 2, delta: null }, theirs: { after: null } });
  });
});
