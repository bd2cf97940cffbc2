/** What the county's own lines stand on: land, water, roads, buildings and names of the basemap, as MapLibre layers. */

import type { ExpressionSpecification, FilterSpecification, LayerSpecification, VectorSourceSpecification } from "maplibre-gl";
import type { Locale } from "../i18n/tables";
import type { County } from "../wire/types";
import { MAP_FONT } from "./fonts";
import { raised } from "./levels";
import type { Palette } from "./palette";

export type Ground = NonNullable<County["basemap"]>;
export type GroundLook = { scale: number; palette: Palette; locale: Locale; named: readonly string[] };

/** Widths in pixels at zooms 10, 14 and 18. */
const WIDTHS: Record<string, readonly [number, number, number]> = {
  motorway: [1.6, 4.5, 22],
  primary: [1.3, 4, 20],
  secondary: [1, 3.2, 16],
  tertiary: [0.7, 2.6, 13],
  minor: [0.4, 1.6, 9],
};
const ROADS = Object.keys(WIDTHS);

/** Sizes of names, the largest first, as they are placed. */
const LETTERINGS: Record<string, number> = { city: 14, town: 13, village: 12, water: 11.5, quarter: 11.5, hamlet: 11, locality: 11, site: 11 };
const LABELS = Object.keys(LETTERINGS);

/** Towns and cities are too large to be named from here on. */
const SMALL_FROM = 13;

const isIn = (classes: readonly string[]): ExpressionSpecification => ["in", ["get", "class"], ["literal", classes]];

/** A value by class, the last for any other. */
function byClass(values: readonly (readonly [string, string | number])[], rest: string | number): ExpressionSpecification {
  return ["match", ["get", "class"], ...values.flat(), rest] as unknown as ExpressionSpecification;
}

const width = (at: 0 | 1 | 2, scale: number) => byClass(Object.entries(WIDTHS).map(([road, widths]) => [road, widths[at] * scale]), scale);

function widths(scale: number): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.6], ["zoom"], 10, width(0, scale), 14, width(1, scale), 18, width(2, scale)];
}

/** Between two zooms, for what has one class. */
const growing = (near: number, far: number): ExpressionSpecification => ["interpolate", ["exponential", 1.6], ["zoom"], 10, near, 18, far];

/** The tiles of one version: another has another address. */
export function groundSource(ground: Ground, root: string): VectorSourceSpecification {
  return {
    type: "vector",
    tiles: [`${root}/api/basemap/${ground.version}/{z}/{x}/{y}`],
    minzoom: ground.min_zoom,
    maxzoom: ground.max_zoom,
    bounds: ground.bbox,
  };
}

const of = (layer: string) => ({ source: "ground", "source-layer": layer });
const IN_TUNNELS: ExpressionSpecification = ["case", ["==", ["get", "structure"], "tunnel"], 0.45, 1];

/** From the bottom up; all lie under the county's own lines. */
export function groundShapes({ scale, palette: { drawn } }: GroundLook): LayerSpecification[] {
  return [
    {
      ...of("land"),
      id: "ground-land",
      type: "fill",
      paint: { "fill-color": byClass([["wood", drawn.wood], ["park", drawn.park], ["farm", drawn.farm]], drawn.built), "fill-antialias": false },
    },
    { ...of("water"), id: "ground-water", type: "fill", paint: { "fill-color": drawn.water, "fill-antialias": true } },
    {
      ...of("waterways"),
      id: "ground-waterways",
      type: "line",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": drawn.water,
        "line-width": ["case", ["==", ["get", "class"], "stream"], scale, 2 * scale],
        "line-opacity": IN_TUNNELS,
      },
    },
    {
      ...of("buildings"),
      id: "ground-buildings",
      type: "fill",
      paint: { "fill-color": drawn.building, "fill-outline-color": drawn.buildingRim, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0, 14, 1] },
    },
    {
      ...of("roads"),
      id: "ground-paths",
      type: "line",
      filter: isIn(["path"]),
      paint: { "line-color": drawn.path, "line-width": growing(0.5 * scale, 3 * scale), "line-dasharray": [3, 1.5] },
    },
    {
      ...of("roads"),
      id: "ground-rails",
      type: "line",
      filter: isIn(["rail"]),
      paint: { "line-color": drawn.rail, "line-width": growing(0.9 * scale, 4 * scale), "line-dasharray": [5, 1.2], "line-opacity": IN_TUNNELS },
    },
    {
      ...of("roads"),
      id: "ground-roads",
      type: "line",
      filter: isIn(ROADS),
      layout: { "line-cap": "round", "line-join": "round", "line-sort-key": byClass(ROADS.map((road, i) => [road, -i]), -ROADS.length) },
      paint: {
        "line-color": byClass([["motorway", drawn.motorway], ["primary", drawn.major], ["secondary", drawn.major]], drawn.minor),
        "line-width": widths(scale),
        "line-opacity": IN_TUNNELS,
      },
    },
  ];
}

/** Names: the least important first, since the last are placed first. They stand over lines and under everything live. */
export function groundNames({ scale, palette, locale, named }: GroundLook): LayerSpecification[] {
  const { drawn } = palette;
  const name: ExpressionSpecification = locale === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];
  const layout = { "text-field": name, "text-font": [MAP_FONT], "text-padding": 4 };
  const paint = { "text-halo-color": palette.land, "text-halo-width": 1.4 * scale, "text-halo-blur": 0.4 };
  const along = (id: string, layer: string, colour: string, filter: FilterSpecification, from: number): LayerSpecification => ({
    ...of(layer),
    id,
    type: "symbol",
    minzoom: raised(from, scale),
    filter,
    layout: { ...layout, "symbol-placement": "line", "symbol-spacing": 380, "text-size": 11 * scale, "text-max-angle": 30 },
    paint: { ...paint, "text-color": colour },
  });
  return [
    along("ground-path-names", "roads", drawn.name, isIn(["path", "minor"]), 14.5),
    along("ground-road-names", "roads", drawn.name, isIn(["motorway", "primary", "secondary", "tertiary"]), 12.5),
    along("ground-river-names", "waterways", drawn.waterName, ["has", "name"], 12),
    {
      ...of("labels"),
      id: "ground-names",
      type: "symbol",
      filter: ["all", ["!", ["in", ["get", "name"], ["literal", named]]], ["step", ["zoom"], true, SMALL_FROM, ["!", isIn(["city", "town"])]]],
      layout: {
        ...layout,
        "text-size": byClass(LABELS.map((label) => [label, (LETTERINGS[label] as number) * scale]), 11 * scale),
        "text-max-width": 8,
        "symbol-sort-key": byClass(LABELS.map((label, i) => [label, i]), LABELS.length),
      },
      paint: { ...paint, "text-color": byClass([["water", drawn.waterName]], drawn.name) },
    },
  ];
}
