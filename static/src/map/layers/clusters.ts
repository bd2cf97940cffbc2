/** Clusters in place and time: their cells outlined, and the circle about them. */

import type { Layer } from "@deck.gl/core";
import { PathLayer, ScatterplotLayer } from "@deck.gl/layers";
import { cellToBoundary } from "h3-js";
import type { Cluster } from "../../wire/changes";
import { UNDER_POINTS } from "../basemap";
import type { Palette } from "../palette";

/** A circle is searched by the centres of its cells, and drawn out to their edges. */
const CELL_M = 460;

export function clusterLayers(clusters: readonly Cluster[], scale: number, palette: Palette): Layer[] {
  return [
    new ScatterplotLayer<Cluster>({
      id: "clusters",
      data: clusters,
      beforeId: UNDER_POINTS,
      getPosition: ({ centre }) => centre as [number, number],
      getRadius: ({ radius_m }) => radius_m + CELL_M,
      filled: false,
      stroked: true,
      getLineColor: palette.chosen,
      getLineWidth: 2.5 * scale,
      lineWidthUnits: "pixels",
      updateTriggers: { getLineColor: palette },
    } as ConstructorParameters<typeof ScatterplotLayer<Cluster>>[0]),
    new PathLayer<string>({
      id: "cluster-cells",
      data: clusters.flatMap(({ cells }) => cells),
      beforeId: UNDER_POINTS,
      getPath: (cell) => cellToBoundary(cell, true) as [number, number][],
      getColor: palette.chosen,
      getWidth: 1 * scale,
      widthUnits: "pixels",
      updateTriggers: { getColor: palette },
    } as ConstructorParameters<typeof PathLayer<string>>[0]),
  ];
}
