/** The raster map under the county's lines: the pictures of each of its layers, drawn over each other. */

import type { LayerSpecification, RasterSourceSpecification } from "maplibre-gl";
import type { County } from "../wire/types";
import type { Palette } from "./palette";

export type RasterMap = NonNullable<County["raster"]>;

/** A screen with pictures of half the size would ask for four times as many. */
const TILE_PIXELS = 256;
const FADE_MS = 120;

const layersOf = ({ layers }: RasterMap): number[] => Array.from({ length: layers }, (_, layer) => layer);

/** Whether a source is one of a raster map. */
export const isRaster = (source: string): boolean => source.startsWith("raster-");

/** Another version has another address. */
export function rasterSources(raster: RasterMap, root: string): Record<string, RasterSourceSpecification> {
  const source = (layer: number): RasterSourceSpecification => ({
    type: "raster",
    tiles: [`${root}/api/basemap/raster/${layer}/{z}/{x}/{y}?version=${raster.version}`],
    tileSize: TILE_PIXELS,
    minzoom: raster.min_zoom,
    maxzoom: raster.max_zoom,
    ...(raster.bbox ? { bounds: raster.bbox } : {}),
  });
  return Object.fromEntries(layersOf(raster).map((layer) => [`raster-${layer}`, source(layer)]));
}

/** From the bottom up, dimmed where the theme is dark. */
export function rasterLayers(raster: RasterMap, { pictures }: Palette): LayerSpecification[] {
  return layersOf(raster).map((layer) => ({
    id: `raster-${layer}`,
    type: "raster",
    source: `raster-${layer}`,
    paint: { "raster-fade-duration": FADE_MS, "raster-brightness-max": pictures.brightness, "raster-saturation": pictures.saturation },
  }));
}
