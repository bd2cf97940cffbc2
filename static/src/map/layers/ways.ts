/** Who is on the way to what: a line from each force to its matter. */

import type { Layer } from "@deck.gl/core";
import { LineLayer } from "@deck.gl/layers";
import type { Rgba } from "../palette";

export type Way = { from: [number, number]; to: [number, number]; kind: "task" | "chosen" | "proposed" };

const COLOUR: Record<Way["kind"], Rgba> = {
  task: [110, 176, 255, 110],
  chosen: [110, 176, 255, 255],
  proposed: [255, 255, 255, 190],
};

export function wayLayer(ways: readonly Way[], scale: number): Layer {
  return new LineLayer<Way>({
    id: "ways",
    data: [...ways],
    getSourcePosition: (way) => way.from,
    getTargetPosition: (way) => way.to,
    getColor: (way) => COLOUR[way.kind],
    getWidth: (way) => (way.kind === "task" ? 1.2 : 2.5) * scale,
    widthUnits: "pixels",
    updateTriggers: { getWidth: scale },
  });
}
