import { describe, expect, it } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { county } from "../testing/bodies";
import type { County } from "../wire/types";
import { Underlay } from "./underlay.svelte";

const [raster, basemap] = [{ layers: 1 }, { version: "1" }];
const withMaps = (maps: object) => ({ county: { ...county, raster: null, basemap: null, ...maps } as County });

describe("what lies under the county's lines", () => {
  it.each([
    [{}, ["none"], "none"],
    [{ basemap }, ["vector", "none"], "vector"],
    [{ raster }, ["raster", "none"], "raster"],
    [{ raster, basemap }, ["raster", "vector", "none"], "raster"],
  ])("is the first of what there is: %o", (maps, offered, value) => {
    const underlay = new Underlay({ platform: new FakeBrowser(), session: withMaps(maps) });
    expect([underlay.offered, underlay.value]).toEqual([offered, value]);
  });

  it("is kept in the browser, for as long as there is such a map", () => {
    const platform = new FakeBrowser();
    new Underlay({ platform, session: withMaps({ raster, basemap }) }).choose("vector");
    expect(new Underlay({ platform, session: withMaps({ raster, basemap }) }).value).toBe("vector");
    expect(new Underlay({ platform, session: withMaps({ raster }) }).value).toBe("raster");
  });
});
