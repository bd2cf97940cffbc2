/** The layer of lines from each force to its incident: straight, or by road. */

import type { Layer } from "@deck.gl/core";
import { PathLayer } from "@deck.gl/layers";
import type { Palette } from "../palette";

export type Way = { path: [number, number][]; kind: keyof Palette["way"] };

export function wayLayer(ways: readonly Way[], scale: number, palette: Palette): Layer {
  return new PathLayer<Way>({
    id: "ways",
    data: [...ways],
    getPath: (way) => way.path,
    getColor: (way) => palette.way[way.kind],
    getWidth: (way) => (way.kind === "task" ? 1.2 : 2.5) * scale,
    widthUnits: "pixels",
    jointRounded: true,
    updateTriggers: { getWidth: scale, getColor: palette },
  });
}
