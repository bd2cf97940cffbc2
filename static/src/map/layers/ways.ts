/** The layer of lines from each force to its incident. */

import type { Layer } from "@deck.gl/core";
import { LineLayer } from "@deck.gl/layers";
import type { Palette } from "../palette";

export type Way = { from: [number, number]; to: [number, number]; kind: keyof Palette["way"] };

export function wayLayer(ways: readonly Way[], scale: number, palette: Palette): Layer {
  return new LineLayer<Way>({
    id: "ways",
    data: [...ways],
    getSourcePosition: (way) => way.from,
    getTargetPosition: (way) => way.to,
    getColor: (way) => palette.way[way.kind],
    getWidth: (way) => (way.kind === "task" ? 1.2 : 2.5) * scale,
    widthUnits: "pixels",
    updateTriggers: { getWidth: scale, getColor: palette },
  });
}
