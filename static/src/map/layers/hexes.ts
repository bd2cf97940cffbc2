/** Hotspots: one hue for how many, the outline for what the statistics say of it. */

import { H3HexagonLayer } from "@deck.gl/geo-layers";
import type { HotCell, Hotspots } from "../../wire/types";
import { UNDER_LINES } from "../basemap";
import { heat, heatSteps, HOT_LINE, HOT_WIDTH } from "../palette";

export function highestCount(hotspots: Hotspots): number {
  return hotspots.cells.reduce((highest, cell) => Math.max(highest, cell.count), 0);
}

/** From here on cells are large enough for outlines of full width. */
export const NEAR_ZOOM = 12;

export type HexView = { scale: number; near: boolean };

export function hexLayer(hotspots: Hotspots, { scale, near }: HexView): H3HexagonLayer<HotCell> {
  const width = near ? scale : 0.6 * scale;
  const steps = heatSteps(highestCount(hotspots));
  return new H3HexagonLayer<HotCell>({
    id: "hexes",
    data: hotspots.cells,
    beforeId: UNDER_LINES,
    getHexagon: (cell) => cell.cell,
    getFillColor: (cell) => heat(cell.count, steps),
    getLineColor: (cell) => HOT_LINE[cell.class],
    getLineWidth: (cell) => HOT_WIDTH[cell.class] * width,
    lineWidthUnits: "pixels",
    highPrecision: true,
    extruded: false,
    stroked: true,
    pickable: true,
    updateTriggers: { getFillColor: steps, getLineWidth: width },
  } as ConstructorParameters<typeof H3HexagonLayer<HotCell>>[0]);
}
