/** The county itself: its own divisions from its own tiles, which name themselves as one comes nearer. */

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { fontFaces, MAP_FONT } from "./fonts";

const GROUND = "#0a1016";
const LAND = "#131e28";
const TOWN_LAND = "#15212c";

/** Deck's hexagons go under this layer, so that lines and names stay readable. */
export const UNDER_LINES = "line-micro_grid";

type LineLevel = { level: string; from: number; colour: string; width: number; opacity: number };

const LINES: readonly LineLevel[] = [
  { level: "micro_grid", from: 14, colour: "#3b5063", width: 0.5, opacity: 0.55 },
  { level: "grid", from: 12.5, colour: "#466078", width: 0.8, opacity: 0.7 },
  { level: "village", from: 11, colour: "#4a6379", width: 0.9, opacity: 0.8 },
  { level: "town", from: 0, colour: "#5d7a93", width: 1.4, opacity: 0.9 },
];

/** Names twice as large need twice the room: they come one zoom later. */
const raised = (zoom: number, scale: number) => Math.max(0, Math.min(24, zoom + (zoom ? Math.log2(scale) : 0)));

const isLevel = (level: string): ExpressionSpecification => ["==", ["get", "level"], level];

function line({ level, from, colour, width, opacity }: LineLevel, scale: number): LayerSpecification {
  return {
    id: `line-${level}`,
    type: "line",
    source: "county",
    "source-layer": "divisions",
    minzoom: raised(from, scale),
    filter: isLevel(level),
    layout: { "line-join": "round" },
    paint: {
      "line-color": colour,
      "line-opacity": opacity,
      "line-width": ["interpolate", ["linear"], ["zoom"], 9, width * scale, 15, width * 2 * scale],
    },
  };
}

function name(level: string, from: number, to: number, size: number, colour: string, scale: number): LayerSpecification {
  return {
    id: `name-${level}`,
    type: "symbol",
    source: "county",
    "source-layer": "divisions_label",
    minzoom: raised(from, scale),
    maxzoom: raised(to, scale),
    filter: isLevel(level),
    layout: {
      "text-field": ["get", "name"],
      "text-font": [MAP_FONT],
      "text-size": size * scale,
      "text-max-width": 8,
      "text-padding": 6,
      "symbol-sort-key": ["get", "rank"],
    },
    paint: { "text-color": colour, "text-halo-color": GROUND, "text-halo-width": 1.6 * scale, "text-halo-blur": 0.4 },
  };
}

function land(): LayerSpecification[] {
  const fill = (id: string, filter: ExpressionSpecification, colour: string): LayerSpecification => ({
    id,
    type: "fill",
    source: "county",
    "source-layer": "divisions",
    filter,
    paint: { "fill-color": colour, "fill-antialias": false },
  });
  return [
    { id: "ground", type: "background", paint: { "background-color": GROUND } },
    fill("land", ["in", ["get", "level"], ["literal", ["city", "county"]]], LAND),
    fill("land-town", isLevel("town"), TOWN_LAND),
  ];
}

function rim(scale: number): LayerSpecification[] {
  const county: ExpressionSpecification = ["in", ["get", "level"], ["literal", ["city", "county"]]];
  const stroke = (id: string, width: number, opacity: number, blur: number): LayerSpecification => ({
    id,
    type: "line",
    source: "county",
    "source-layer": "divisions",
    filter: county,
    layout: { "line-join": "round" },
    paint: { "line-color": "#7fd6c2", "line-width": width, "line-opacity": opacity, "line-blur": blur },
  });
  return [stroke("rim-glow", 9 * scale, 0.16, 7 * scale), stroke("line-county", 1.6 * scale, 0.75, 0)];
}

/** Villages' own centres are many: they show when one is near. */
const byKind = (near: number, far: number): ExpressionSpecification => ["case", ["==", ["get", "kind"], "village_centre"], near, far];

function points(scale: number): LayerSpecification[] {
  return [
    {
      id: "cameras",
      type: "circle",
      source: "county",
      "source-layer": "cameras",
      minzoom: raised(12.5, scale),
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 12.5, 1.6 * scale, 16, 4 * scale],
        "circle-color": ["case", ["boolean", ["get", "online"], true], "#9db4c6", "#53616d"],
        "circle-stroke-color": GROUND,
        "circle-stroke-width": 1,
      },
    },
    {
      id: "places",
      type: "circle",
      source: "county",
      "source-layer": "places",
      minzoom: 9,
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 2.4 * scale, 15, 5 * scale],
        "circle-opacity": ["step", ["zoom"], byKind(0, 1), raised(12, scale), 1],
        "circle-stroke-opacity": ["step", ["zoom"], byKind(0, 0.9), raised(12, scale), 0.9],
        "circle-color": GROUND,
        "circle-stroke-color": "#d9e2ea",
        "circle-stroke-width": 1.5 * scale,
      },
    },
    {
      id: "name-places",
      type: "symbol",
      source: "county",
      "source-layer": "places",
      minzoom: raised(10.5, scale),
      layout: {
        "text-field": ["get", "name"],
        "text-font": [MAP_FONT],
        "text-size": 12 * scale,
        "text-offset": [0, 1.1],
        "text-anchor": "top",
        "text-max-width": 10,
      },
      paint: {
        "text-color": "#d9e2ea",
        "text-halo-color": GROUND,
        "text-halo-width": 1.5 * scale,
        "text-opacity": ["step", ["zoom"], byKind(0, 1), raised(13, scale), 1],
      },
    },
  ];
}

function names(scale: number): LayerSpecification[] {
  return [
    name("micro_grid", 14.5, 24, 11, "#7d92a4", scale),
    name("grid", 13.6, 24, 12, "#93a9bb", scale),
    name("village", 11.2, 15.5, 13, "#b4c5d3", scale),
    name("town", 8.5, 13.5, 15.5, "#dbe6ee", scale),
    name("county", 0, 9, 20, "#eaf2f7", scale),
  ];
}

export type BasemapOptions = { scale: number; origin: string; grids: boolean; cameras: boolean; places: boolean };

function shown(layer: LayerSpecification, options: BasemapOptions): boolean {
  if (layer.id.endsWith("grid")) return options.grids;
  if (layer.id === "cameras") return options.cameras;
  return layer.id.endsWith("places") ? options.places : true;
}

/** Hidden layers stay in the style: deck's layers hang between them by name. */
function withVisibility(layer: LayerSpecification, options: BasemapOptions): LayerSpecification {
  const visibility = shown(layer, options) ? "visible" : "none";
  return { ...layer, layout: { ...layer.layout, visibility } } as LayerSpecification;
}

/** The whole style. `scale` enlarges names and points for walls that are read from afar. */
export function basemap(options: BasemapOptions): StyleSpecification {
  const layers = [...land(), ...LINES.map((level) => line(level, options.scale)), ...rim(options.scale), ...points(options.scale), ...names(options.scale)];
  return {
    version: 8,
    "font-faces": fontFaces(),
    sources: {
      county: {
        type: "vector",
        tiles: [`${options.origin}/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}`],
        minzoom: 0,
        maxzoom: 16,
      },
    },
    layers: layers.map((layer) => withVisibility(layer, options)),
  };
}
