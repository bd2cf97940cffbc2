/** The layer of forces that call for help: a broad ring that nothing covers. */

import type { Layer } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import { HALO, URGENCY } from "../palette";

export type SosMark = { id: number; position: [number, number] };

export function sosLayer(marks: readonly SosMark[], scale: number): Layer {
  return new ScatterplotLayer<SosMark>({
    id: "sos",
    data: [...marks],
    getPosition: (mark) => mark.position,
    getRadius: 22 * scale,
    radiusUnits: "pixels",
    getFillColor: HALO,
    getLineColor: URGENCY.now,
    stroked: true,
    lineWidthUnits: "pixels",
    getLineWidth: 5 * scale,
    updateTriggers: { getRadius: scale, getLineWidth: scale },
  });
}
