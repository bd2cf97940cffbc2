import { gridDisk, gridRing } from "h3-js";
import { describe, expect, it } from "vitest";
import type { HotCell, HotClass } from "../../wire/types";
import { HOT_SHAPES } from "../shapes";
import { cellPx, signsOf } from "./hexes";

const MIDDLE = "89309b4a5a3ffff";
const cell = (id: string, count: number, name: HotClass): HotCell => ({
  cell: id, count, expected: 1, z: 3, q: 0.01, class: name, exposure: null, rate: null,
});

describe("signs of hotspots", () => {
  it("stand on each cell with a class when cells are wide enough to read them", () => {
    const [first, second, third] = gridDisk(MIDDLE, 1) as [string, string, string];
    const signs = signsOf([cell(first, 4, "new"), cell(second, 9, "new"), cell(third, 2, "none")], false);
    expect(signs.map((sign) => [sign.cell.cell, sign.cells])).toEqual([[second, 1], [first, 1]]);
  });

  it("are one for each patch of one class from afar, on its busiest cell", () => {
    const far = gridRing(MIDDLE, 4)[0] as string;
    const around = gridDisk(MIDDLE, 1).filter((id) => id !== MIDDLE);
    const cells = [cell(MIDDLE, 9, "new"), ...around.map((id, i) => cell(id, 3, i ? "new" : "fading")), cell(far, 5, "new")];
    const signs = signsOf(cells, true);
    expect(signs.map((sign) => [sign.cell.cell, sign.class, sign.cells])).toEqual([
      [MIDDLE, "new", 6],
      [far, "new", 1],
      [around[0], "fading", 1],
    ]);
  });

  it("differ by shape, not by colour alone", () => {
    expect(new Set(Object.values(HOT_SHAPES)).size).toBe(3);
  });

  it("know how wide a cell is on the screen", () => {
    expect(cellPx(9, 14, 31)).toBeGreaterThan(cellPx(9, 13, 31) * 1.99);
    expect(cellPx(8, 10, 31)).toBeGreaterThan(10);
  });
});
