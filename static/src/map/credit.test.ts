import { afterEach, describe, expect, it } from "vitest";
import { language } from "../i18n/index.svelte";
import type { County } from "../wire/types";
import { creditOf } from "./credit";

const of = (parts: object) => creditOf({ review_number: null, generated: false, ...parts } as unknown as County);
const osm = { origin: "given", credit: "© OpenStreetMap contributors" };
const made = { origin: "made", credit: null };

afterEach(() => (language.locale = "zh"));

describe("the credit of a map", () => {
  it("names OpenStreetMap once, in the language in use", () => {
    expect(of({ roads: osm, basemap: osm })).toBe("© OpenStreetMap 贡献者");
    language.locale = "en";
    expect(of({ basemap: osm })).toBe("© OpenStreetMap contributors");
  });

  it("says that made roads are made, and of whom the others are", () => {
    expect(of({ roads: made, basemap: made })).toBe("道路与水系为演示生成");
    expect(of({ roads: osm, basemap: made })).toBe("道路与水系为演示生成 · © OpenStreetMap 贡献者");
  });

  it("says of lines, roads and water in one word that they are generated", () => {
    const all = { review_number: "GS(2024)0650号", generated: true, roads: made, basemap: made };
    expect(of(all)).toBe("审图号：GS(2024)0650号 · 网格、村界、道路与水系为生成数据");
    expect(of({ generated: true, roads: osm })).toBe("网格与村界为生成数据 · © OpenStreetMap 贡献者");
  });

  it("names the maker of the raster map", () => {
    const raster = { credit: "天地图 GS(2024)0568号" };
    expect(of({ roads: osm, raster })).toBe("© OpenStreetMap 贡献者 · 天地图 GS(2024)0568号");
  });

  it("is empty where there is nothing to say", () => {
    expect([of({}), of({ roads: null, basemap: null }), creditOf(null)]).toEqual(["", "", ""]);
  });
});
