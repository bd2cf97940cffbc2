import { describe, expect, it } from "vitest";
import type { Level } from "../wire/types";
import { levelViews, zoomOf } from "./levels";

const level = (code: string, zoom: number | null, grid = false): Level => ({ code, zoom, grid, name: { zh: code, en: code } });

const COUNTY = [level("a", 6.9), level("b", 8.7), level("c", 11.1), level("d", 12.0, true), level("e", 13.1, true)];
const CITY = [level("x", 8.5), level("y", 11.2, true)];

describe("levels on the map", () => {
  it("come one after the other in a county of five", () => {
    const views = levelViews(COUNTY);
    for (const key of ["line", "nameFrom", "nameTo"] as const) {
      const zooms = views.map((view) => view[key]);
      expect(zooms).toEqual([...zooms].sort((a, b) => a - b));
    }
  });

  it("never show names of more than three levels at once", () => {
    for (let zoom = 6; zoom < 18; zoom += 0.1) {
      expect(levelViews(COUNTY).filter((view) => view.nameFrom <= zoom && zoom < view.nameTo).length).toBeLessThanOrEqual(3);
    }
  });

  it("show a city's only level as one looks at the whole city", () => {
    const [, quarter] = levelViews(CITY);
    expect(quarter?.line).toBeLessThan(10);
    expect(quarter?.nameFrom).toBeLessThan(11);
    expect(quarter?.nameTo).toBe(24);
  });

  it("are there before they have a size", () => {
    expect(levelViews([level("x", null), level("y", null)]).map((view) => view.line)).toEqual([0, 0]);
  });

  it("say from how near one of their pieces is looked at", () => {
    expect(zoomOf(COUNTY, "b")).toBeCloseTo(11.6);
    expect(zoomOf(CITY, "y")).toBeCloseTo(14.1);
  });
});
