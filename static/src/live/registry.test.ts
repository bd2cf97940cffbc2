import { describe, expect, it } from "vitest";
import type { RegisterUnit } from "../wire/registry";
import type { DivisionName } from "../wire/types";
import { branchesOf, byKind, isOpenAt } from "./registry.svelte";

const division = (code: string, parent: string | null, level: string): DivisionName => ({ code, parent, level, name: code, path: code, lon: 0, lat: 0, households: null });
const ALL = [division("c", null, "county"), division("t", "c", "town"), division("v", "t", "village"), division("g", "v", "grid"), division("u", "c", "town")];
const LEVELS = new Set(["county", "town", "village"]);

describe("the tree of divisions", () => {
  it("shows the parts of opened divisions only, and no grids", () => {
    const shown = (opened: string[], root = "c") => branchesOf(ALL, root, new Set(opened), LEVELS).map(({ division: { code }, depth, open }) => `${code}${depth}${open ? "+" : ""}`);
    expect(shown([])).toEqual(["c1"]);
    expect(shown(["c", "t", "v"])).toEqual(["c1+", "t2+", "v3", "u2"]);
    expect(shown(["t"], "t")).toEqual(["t1+", "v2"]);
    expect(shown([], "unknown")).toEqual([]);
  });
});

describe("opening hours", () => {
  it("hold from their first minute to the one before their last", () => {
    const week = [[[540, 720]], [], [], [], [], [], []] as [number, number][][];
    expect([539, 540, 719, 720].map((minute) => isOpenAt(week, 0, minute))).toEqual([false, true, true, false]);
    expect(isOpenAt(week, 1, 600)).toBe(false);
  });
});

describe("units by kind", () => {
  it("come in the register's order, without empty kinds, the unknown last", () => {
    const units = [{ code: "1", kind: "odd" }, { code: "2", kind: "room" }, { code: "3", kind: "centre" }] as RegisterUnit[];
    expect(byKind(units, [{ code: "centre" }, { code: "zone" }, { code: "room" }]).map(([kind]) => kind)).toEqual(["centre", "room", "odd"]);
  });
});
