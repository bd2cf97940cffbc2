/** The county's divisions, cameras and places from its own tiles, over the basemap if there is one, as a MapLibre style. */

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Locale } from "../i18n/tables";
import type { Level } from "../wire/types";
import { fontFaces, MAP_FONT } from "./fonts";
import { PALETTES, UNSEEN, type Palette } from "./palette";
import type { ThemeName } from "../styles/theme.svelte";
import { groundNames, groundShapes, groundSource, type Ground } from "./ground";
import { rasterLayers, rasterSources, type RasterMap } from "./raster";
import { levelViews, raised, type LevelView } from "./levels";

/** Empty layers under which deck's layers are inserted, so that boundaries and names stay readable. */
export const UNDER_LINES = "under-lines";
export const UNDER_POINTS = "under-points";

/** Square, as no incident is, and smaller than any force. */
const PLACE_SIGN = "■";

type Stroke = { width: number; opacity: number };

/** By depth below the root; the last applies to all that is deeper. */
const STROKES: readonly Stroke[] = [
  { width: 1.4, opacity: 0.9 },
  { width: 0.9, opacity: 0.8 },
  { width: 0.8, opacity: 0.7 },
  { width: 0.5, opacity: 0.55 },
];

/** Sizes of names by depth, the root first. */
const LETTERINGS: readonly number[] = [20, 15.5, 13, 12, 11];

function styled<Style>(styles: readonly Style[], place: number): Style {
  return styles[Math.min(place, styles.length - 1)] as Style;
}

const isLevel = (level: string): ExpressionSpecification => ["==", ["get", "level"], level];

const anchor = (id: string): LayerSpecification => ({ id, type: "background", paint: { "background-opacity": 0 } });

function line(level: LevelView, { scale, palette }: Look): LayerSpecification {
  const { width, opacity } = styled(STROKES, level.depth - 1);
  return {
    id: `line-${level.code}`,
    type: "line",
    source: "county",
    "source-layer": "divisions",
    minzoom: raised(level.line, scale),
    filter: isLevel(level.code),
    layout: { "line-join": "round" },
    paint: {
      "line-color": styled(palette.boundaries, level.depth - 1),
      "line-opacity": opacity,
      "line-width": ["interpolate", ["linear"], ["zoom"], 9, width * scale, 15, width * 2 * scale],
    },
  };
}

function name(level: LevelView, { scale, palette }: Look): LayerSpecification {
  const size = styled(LETTERINGS, level.depth);
  return {
    id: `name-${level.code}`,
    type: "symbol",
    source: "county",
    "source-layer": "divisions_label",
    minzoom: raised(level.nameFrom, scale),
    maxzoom: raised(level.nameTo, scale),
    filter: isLevel(level.code),
    layout: {
      "text-field": ["get", "name"],
      "text-font": [MAP_FONT],
      "text-size": size * scale,
      "text-max-width": 8,
      "text-padding": 6,
      "symbol-sort-key": ["get", "rank"],
    },
    paint: { "text-color": styled(palette.letters, level.depth), "text-halo-color": palette.land, "text-halo-width": 1.6 * scale, "text-halo-blur": 0.4 },
  };
}

function land([root, first]: readonly LevelView[], palette: Palette): LayerSpecification[] {
  const fill = (id: string, level: LevelView, colour: string): LayerSpecification => ({
    id,
    type: "fill",
    source: "county",
    "source-layer": "divisions",
    filter: isLevel(level.code),
    paint: { "fill-color": colour, "fill-antialias": false },
  });
  return [
    { id: "ground", type: "background", paint: { "background-color": palette.ground } },
    ...(root ? [fill("land", root, palette.land)] : []),
    ...(first ? [fill("land-parts", first, palette.partLand)] : []),
  ];
}

/** What stands for each code; `other` for all that is not named. */
function byCode(values: Readonly<Record<string, string>>, other: string): ExpressionSpecification | string {
  const pairs = Object.entries(values).flat();
  return pairs.length ? (["match", ["get", "code"], ...pairs, other] as unknown as ExpressionSpecification) : other;
}

function shaded({ level, colours }: Shades): LayerSpecification[] {
  const paint = { "fill-color": byCode(colours, UNSEEN), "fill-antialias": false };
  return [{ id: "shades", type: "fill", source: "county", "source-layer": "divisions", filter: isLevel(level), paint }];
}

function texted({ level, texts }: Shades, { scale, palette }: Look): LayerSpecification[] {
  return [
    {
      id: "shade-texts",
      type: "symbol",
      source: "county",
      "source-layer": "divisions_label",
      filter: isLevel(level),
      layout: { "text-field": byCode(texts, ""), "text-font": [MAP_FONT], "text-size": 11.5 * scale, "text-offset": [0, 1.5], "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": palette.letters[0], "text-halo-color": palette.land, "text-halo-width": 1.8 * scale },
    },
  ];
}

function rim(root: LevelView | undefined, { scale, palette }: Look): LayerSpecification[] {
  if (!root) return [];
  const stroke = (id: string, width: number, opacity: number, blur: number): LayerSpecification => ({
    id,
    type: "line",
    source: "county",
    "source-layer": "divisions",
    filter: isLevel(root.code),
    layout: { "line-join": "round" },
    paint: { "line-color": palette.rim, "line-width": width, "line-opacity": opacity, "line-blur": blur },
  });
  return [stroke("rim-glow", 9 * scale, 0.16, 7 * scale), stroke("rim", 1.6 * scale, 0.75, 0)];
}

/** Places of the deeper levels are many: they show from a nearer zoom on. */
const byDepth = (near: number, far: number): ExpressionSpecification => ["case", [">", ["get", "rank"], 1], near, far];

/** `near`: the zoom at which places of the deeper levels show. */
function points({ scale, palette }: Look, near: number): LayerSpecification[] {
  return [
    {
      id: "cameras",
      type: "circle",
      source: "county",
      "source-layer": "cameras",
      minzoom: raised(12.5, scale),
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 12.5, 1.6 * scale, 16, 4 * scale],
        "circle-color": ["case", ["boolean", ["get", "online"], true], palette.camera, palette.cameraOffline],
        "circle-stroke-color": palette.land,
        "circle-stroke-width": 1,
      },
    },
    {
      id: "places",
      type: "symbol",
      source: "county",
      "source-layer": "places",
      minzoom: 9,
      layout: {
        "text-field": PLACE_SIGN,
        "text-font": [MAP_FONT],
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 7 * scale, 15, 13 * scale],
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: {
        "text-color": palette.place,
        "text-halo-color": palette.land,
        "text-halo-width": 1.5 * scale,
        "text-opacity": ["step", ["zoom"], byDepth(0, 1), raised(near, scale), 1],
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
        "text-color": palette.place,
        "text-halo-color": palette.land,
        "text-halo-width": 1.5 * scale,
        "text-opacity": ["step", ["zoom"], byDepth(0, 1), raised(near + 1, scale), 1],
      },
    },
  ];
}

export type BasemapOptions = {
  scale: number;
  theme: ThemeName;
  /** The server's address, with its path prefix. */
  root: string;
  /** Version of the lines in force; with another one, tiles are fetched anew. */
  lines: string;
  /** From the root down. */
  levels: readonly Level[];
  /** Roads, water, buildings and names to stand on. */
  ground: Ground | null;
  /** Pictures to stand on instead. */
  raster?: RasterMap | null;
  /** Names that the county's own lines have: the basemap does not repeat them. */
  named: readonly string[];
  /** The language of the basemap's names. */
  locale: Locale;
  grids: boolean;
  cameras: boolean;
  places: boolean;
  /** Without the lines and names below the root: a plan draws its own. */
  bare?: boolean;
  /** Divisions of a level, coloured and with a text below their name, by code. */
  shades?: Shades | null;
};

export type Shades = { level: string; colours: Readonly<Record<string, string>>; texts: Readonly<Record<string, string>> };

type Look = { scale: number; palette: Palette };
type Shown = { layer: LayerSpecification; when?: boolean };

/** Sets visibility. Hidden layers stay in the style: deck's layers are inserted by their names. */
function withVisibility({ layer, when = true }: Shown): LayerSpecification {
  return { ...layer, layout: { ...layer.layout, visibility: when ? "visible" : "none" } } as LayerSpecification;
}

/** Layers from the bottom up: finer boundaries under coarser ones; the coarsest names last, as they are placed first. */
function stacked(options: BasemapOptions): Shown[] {
  const { scale, grids, ground, raster, locale, named, bare = false, shades } = options;
  const look = { scale, palette: PALETTES[options.theme], locale, named };
  const views = levelViews(options.levels);
  const [root, ...parts] = views;
  const always = (layers: LayerSpecification[]): Shown[] => layers.map((layer) => ({ layer }));
  return [
    ...always([...land(views, look.palette), ...(raster ? rasterLayers(raster, look.palette) : []), ...(ground ? groundShapes(look) : []), ...(shades ? shaded(shades) : []), anchor(UNDER_LINES)]),
    ...parts.map((level) => ({ layer: line(level, look), when: !bare && (grids || !level.grid) })).reverse(),
    ...always([...rim(root, look), ...(ground ? groundNames(look) : []), anchor(UNDER_POINTS)]),
    ...points(look, (options.levels[2]?.zoom ?? 11) + 1).map((layer) => ({
      layer,
      when: layer.id === "cameras" ? options.cameras : options.places,
    })),
    ...always(shades ? texted(shades, look) : []),
    ...views.map((level) => ({ layer: name(level, look), when: !bare && (grids || !level.grid) })).reverse(),
  ];
}

/** The whole style. `scale` enlarges names and points for wall displays. */
export function basemap(options: BasemapOptions): StyleSpecification {
  return {
    version: 8,
    "font-faces": fontFaces(),
    sources: {
      county: {
        type: "vector",
        tiles: [`${options.root}/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}${options.lines ? `?version=${encodeURIComponent(options.lines)}` : ""}`],
        minzoom: 0,
        maxzoom: 16,
      },
      ...(options.raster ? rasterSources(options.raster, options.root) : {}),
      ...(options.ground ? { ground: groundSource(options.ground, options.root) } : {}),
    },
    layers: stacked(options).map(withVisibility),
  };
}
