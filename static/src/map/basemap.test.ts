import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { basemap, UNDER_LINES, UNDER_POINTS, type BasemapOptions } from "./basemap";
import type { Ground } from "./ground";

const ground: Ground = {
  version: "0123abcd4567",
  built_at: "2026-03-01T00:00:00Z",
  data_at: null,
  origin: "given",
  credit: "© OpenStreetMap contributors",
  bbox: [120.6, 31.1, 120.64, 31.14],
  min_zoom: 8,
  max_zoom: 14,
};

const OPTIONS: BasemapOptions = {
  scale: 1,
  theme: "dark",
  root: "http://hall.test/prefix",
  lines: "7",
  levels: [
    { code: "county", name: { zh: "县", en: "County" }, zoom: 7, grid: false },
    { code: "town", name: { zh: "镇", en: "Town" }, zoom: 9, grid: false },
  ],
  ground,
  named: ["枫桥镇"],
  locale: "zh",
  grids: true,
  cameras: true,
  places: true,
};

const styled = (options: Partial<BasemapOptions> = {}) => basemap({ ...OPTIONS, ...options });
const ids = (options: Partial<BasemapOptions> = {}) => styled(options).layers.map(({ id }) => id);
/** Without fonts, whose addresses are the test's own. */
const faults = (options: Partial<BasemapOptions>) => validateStyleMin({ ...styled(options), "font-faces": undefined }).map(({ message }) => message);

beforeAll(() => void vi.stubGlobal("location", { href: "http://hall.test/prefix/" }));

describe("the style with a basemap", () => {
  it.each([
    ["dark", "zh", 1],
    ["light", "en", 2],
  ] as const)("is a valid one in the %s theme, in %s, at scale %i", (theme, locale, scale) => {
    expect(faults({ theme, locale, scale })).toEqual([]);
  });

  it("draws it under the county's own lines, and its names under all that is live", () => {
    const all = ids();
    const place = (id: string) => all.indexOf(id);
    for (const id of all.filter((id) => id.startsWith("ground-"))) {
      expect(place(id)).toBeGreaterThan(place("land-parts"));
      expect(place(id)).toBeLessThan(place(id.endsWith("names") ? UNDER_POINTS : UNDER_LINES));
    }
    expect(all.at(-1)).toBe("name-county");
  });

  it("has the same layers in both themes and languages, so that a switch only paints", () => {
    expect(ids({ theme: "light", locale: "en" })).toEqual(ids());
    expect(styled({ theme: "light", locale: "en" }).sources).toEqual(styled().sources);
  });

  it("asks for its tiles by version, within its bounds", () => {
    expect(styled().sources.ground).toEqual({
      type: "vector",
      tiles: ["http://hall.test/prefix/api/basemap/0123abcd4567/{z}/{x}/{y}"],
      minzoom: 8,
      maxzoom: 14,
      bounds: ground.bbox,
    });
  });

  it("draws a raster map's layers over each other, under the lines, and dimmed in the dark", () => {
    const raster = { version: "ab", layers: 2, credit: "天地图", min_zoom: 1, max_zoom: 18, bbox: null };
    const options = { ground: null, raster };
    expect([...faults(options), ...faults({ ...options, theme: "light" })]).toEqual([]);
    const all = ids(options);
    expect(all.slice(all.indexOf("land-parts") + 1, all.indexOf(UNDER_LINES))).toEqual(["raster-0", "raster-1"]);
    expect(ids({ ...options, theme: "light" })).toEqual(all);
    expect(styled(options).sources["raster-1"]).toEqual({
      type: "raster",
      tiles: ["http://hall.test/prefix/api/basemap/raster/1/{z}/{x}/{y}?version=ab"],
      tileSize: 256,
      minzoom: 1,
      maxzoom: 18,
    });
    const bounded = styled({ raster: { ...raster, bbox: [120, 31, 121, 32] } }).sources["raster-0"];
    expect(bounded).toHaveProperty("bounds", [120, 31, 121, 32]);
  });

  it("is as before without one", () => {
    const without = styled({ ground: null, named: [] });
    expect(Object.keys(without.sources)).toEqual(["county"]);
    expect(without.layers.filter((layer) => "source" in layer && layer.source !== "county")).toEqual([]);
    expect(without.layers.map(({ id }) => id)).toEqual(ids().filter((id) => !id.startsWith("ground-")));
  });
});
