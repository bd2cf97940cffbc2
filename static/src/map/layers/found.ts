/** The mark of what was found: two rings, which no incident and no force has. */

import type { Layer } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import type { Palette } from "../palette";

export type FoundPlace = { id: number; lon: number; lat: number };

const RINGS_PX = [12, 20];

export function foundLayer(place: FoundPlace, scale: number, palette: Palette): Layer {
  return new ScatterplotLayer<number>({
    id: "found",
    data: RINGS_PX,
    getPosition: () => [place.lon, place.lat],
    getRadius: (radius) => radius * scale,
    radiusUnits: "pixels",
    filled: false,
    stroked: true,
    getLineColor: palette.chosen,
    getLineWidth: 2.5 * scale,
    lineWidthUnits: "pixels",
    updateTriggers: { getPosition: [place.lon, place.lat], getRadius: scale, getLineColor: palette },
  });
}
