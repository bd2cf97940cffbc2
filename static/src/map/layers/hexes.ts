/** The layers of hotspots: a quiet fill by count, and the sign of a class. */

import type { Layer } from "@deck.gl/core";
import { IconLayer, PolygonLayer } from "@deck.gl/layers";
import { cellToBoundary, cellToLatLng, getHexagonEdgeLengthAvg, gridDisk, UNITS } from "h3-js";
import type { HotCell, HotClass, Hotspots } from "../../wire/types";
import { UNDER_LINES, UNDER_POINTS } from "../basemap";
import { heat, heatSteps, type Palette } from "../palette";
import { FRAMES } from "../shapes";

export function highestCount(hotspots: Hotspots): number {
  return hotspots.cells.reduce((highest, cell) => Math.max(highest, cell.count), 0);
}

/** From this zoom on incidents are drawn at their full size. */
export const NEAR_ZOOM = 12;

const rings = new Map<string, number[]>();

/** The outline of a cell: lon, lat, lon, lat, … Cached: thousands of cells are redrawn every two seconds. */
function ringOf(cell: string): number[] {
  const known = rings.get(cell);
  if (known) return known;
  const ring = cellToBoundary(cell, true).flat();
  rings.set(cell, ring);
  return ring;
}

/** A sign for one cell, or from afar for neighbours of the same class. */
export type HotSign = { cell: HotCell; class: Exclude<HotClass, "none">; lon: number; lat: number; cells: number };

/** The least width of a sign in pixels: below, its shape cannot be read. */
const LEAST_PX = 15;
const METRES_PER_PIXEL = 78_271.5;

/** Width of a cell in pixels at a zoom. */
export function cellPx(res: number, zoom: number, lat: number): number {
  const across = Math.sqrt(3) * getHexagonEdgeLengthAvg(res, UNITS.m);
  return across / ((METRES_PER_PIXEL * Math.cos((lat * Math.PI) / 180)) / 2 ** zoom);
}

function isClassed(cell: HotCell): cell is HotCell & { class: HotSign["class"] } {
  return cell.class !== "none";
}

/** One sign a cell where cells are wide enough, else one for each patch of neighbours, in its busiest cell. */
export function signsOf(cells: readonly HotCell[], grouped: boolean): HotSign[] {
  const hot = cells.filter(isClassed).sort((a, b) => b.count - a.count || (a.cell < b.cell ? -1 : 1));
  const left = new Map(hot.map((cell) => [cell.cell, cell]));
  return hot.flatMap((cell) => {
    if (!left.delete(cell.cell)) return [];
    const [lat, lon] = cellToLatLng(cell.cell);
    return [{ cell, class: cell.class, lon, lat, cells: grouped ? 1 + takeNeighbours(cell, left) : 1 }];
  });
}

/** Takes all cells of the same class that touch, one after the other; returns how many. */
function takeNeighbours(from: HotCell, left: Map<string, HotCell>): number {
  const patch = [from.cell];
  for (const cell of patch) {
    for (const near of gridDisk(cell, 1)) {
      if (left.get(near)?.class === from.class && left.delete(near)) patch.push(near);
    }
  }
  return patch.length - 1;
}

export type HexView = { scale: number; zoom: number; palette: Palette; atlas: HTMLCanvasElement };

export function hexLayers(hotspots: Hotspots, view: HexView): Layer[] {
  const [first] = hotspots.cells;
  const px = first ? cellPx(hotspots.res, view.zoom, cellToLatLng(first.cell)[0]) : 0;
  const signs = signsOf(hotspots.cells, px < LEAST_PX);
  return [fillLayer(hotspots, view.palette), ...(signs.length ? [signLayer(signs, { ...view, px })] : [])];
}

function fillLayer(hotspots: Hotspots, palette: Palette): Layer {
  const steps = heatSteps(highestCount(hotspots));
  return new PolygonLayer<HotCell>({
    id: "hexes",
    data: hotspots.cells,
    beforeId: UNDER_LINES,
    getPolygon: (cell) => ringOf(cell.cell),
    // Skips deck's own checks: h3's rings are closed and counter-clockwise.
    positionFormat: "XY",
    _normalize: false,
    _windingOrder: "CCW",
    getFillColor: (cell) => heat(cell.count, steps, palette.heat),
    stroked: false,
    pickable: true,
    updateTriggers: { getFillColor: [steps, palette] },
  } as ConstructorParameters<typeof PolygonLayer<HotCell>>[0]);
}

/** The outline of the hexagon whose incidents are listed. */
export function chosenCellLayer(cell: string, { scale, palette }: Pick<HexView, "scale" | "palette">): Layer {
  return new PolygonLayer<string>({
    id: "hex-chosen",
    data: [cell],
    beforeId: UNDER_POINTS,
    getPolygon: ringOf,
    positionFormat: "XY",
    filled: false,
    stroked: true,
    getLineColor: palette.chosen,
    getLineWidth: 2 * scale,
    lineWidthUnits: "pixels",
    updateTriggers: { getLineColor: palette },
  } as ConstructorParameters<typeof PolygonLayer<string>>[0]);
}

function signLayer(signs: readonly HotSign[], { scale, palette, atlas, px }: HexView & { px: number }): Layer {
  const size = Math.min(34, Math.max(LEAST_PX, 0.55 * px)) * scale;
  return new IconLayer<HotSign>({
    id: "hot-signs",
    data: [...signs],
    beforeId: UNDER_POINTS,
    getPosition: ({ lon, lat }) => [lon, lat],
    getIcon: (sign) => sign.class,
    getSize: size,
    getColor: palette.sign,
    iconAtlas: atlas as unknown as string,
    iconMapping: FRAMES,
    sizeUnits: "pixels",
    pickable: true,
    updateTriggers: { getColor: palette, getSize: size },
  } as ConstructorParameters<typeof IconLayer<HotSign>>[0]);
}
