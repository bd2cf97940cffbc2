/** The layer of the way that one force has gone today, in pieces: what was not sent is a gap. */

import type { Layer } from "@deck.gl/core";
import { PathLayer } from "@deck.gl/layers";
import type { TrailPath } from "../../live/presence";
import type { Palette } from "../palette";

export function trailLayer(pieces: readonly TrailPath[], scale: number, palette: Palette): Layer {
  return new PathLayer<TrailPath>({
    id: "trail",
    data: pieces,
    getPath: (points) => points.map(([lon, lat]) => [lon, lat] as [number, number]),
    getColor: palette.trail,
    getWidth: 3 * scale,
    widthUnits: "pixels",
    jointRounded: true,
    capRounded: true,
    updateTriggers: { getWidth: scale, getColor: palette },
  });
}
