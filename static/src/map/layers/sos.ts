/** The layer of forces that call for help: a broad ring that nothing covers. */

import type { Layer } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import type { Palette } from "../palette";

export type SosMark = { id: number; position: [number, number] };

export function sosLayer(marks: readonly SosMark[], scale: number, palette: Palette): Layer {
  return new ScatterplotLayer<SosMark>({
    id: "sos",
    data: [...marks],
    getPosition: (mark) => mark.position,
    getRadius: 22 * scale,
    radiusUnits: "pixels",
    getFillColor: palette.halo,
    getLineColor: palette.urgency.now,
    stroked: true,
    lineWidthUnits: "pixels",
    getLineWidth: 5 * scale,
    updateTriggers: { getRadius: scale, getLineWidth: scale, getFillColor: palette, getLineColor: palette },
  });
}
