/** The layer of the way that one force has gone today. */

import type { Layer } from "@deck.gl/core";
import { PathLayer } from "@deck.gl/layers";
import type { Palette } from "../palette";

export type TrailPath = readonly [number, number][];

export function trailLayer(path: TrailPath, scale: number, palette: Palette): Layer {
  return new PathLayer<TrailPath>({
    id: "trail",
    data: [path],
    getPath: (points) => points.map(([lon, lat]) => [lon, lat] as [number, number]),
    getColor: palette.trail,
    getWidth: 3 * scale,
    widthUnits: "pixels",
    jointRounded: true,
    capRounded: true,
    updateTriggers: { getWidth: scale, getColor: palette },
  });
}
