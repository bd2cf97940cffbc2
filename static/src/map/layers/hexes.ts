/** The layer of hotspots: fill by count, outline by class. */

import { PolygonLayer } from "@deck.gl/layers";
import { cellToBoundary } from "h3-js";
import type { HotCell, Hotspots } from "../../wire/types";
import { UNDER_LINES } from "../basemap";
import { heat, heatSteps, HOT_LINE, HOT_WIDTH } from "../palette";

export function highestCount(hotspots: Hotspots): number {
  return hotspots.cells.reduce((highest, cell) => Math.max(highest, cell.count), 0);
}

/** From this zoom on cells are large enough for outlines of full width. */
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

export type HexView = { scale: number; near: boolean };

export function hexLayer(hotspots: Hotspots, { scale, near }: HexView): PolygonLayer<HotCell> {
  const width = near ? scale : 0.6 * scale;
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
    getFillColor: (cell) => heat(cell.count, steps),
    getLineColor: (cell) => HOT_LINE[cell.class],
    getLineWidth: (cell) => HOT_WIDTH[cell.class] * width,
    lineWidthUnits: "pixels",
    stroked: true,
    pickable: true,
    updateTriggers: { getFillColor: steps, getLineWidth: width },
  } as ConstructorParameters<typeof PolygonLayer<HotCell>>[0]);
}
