/** The layers of what those on duty reach in time: the grids inside, places out of reach, and the move that closes most. */

import type { Layer } from "@deck.gl/core";
import { GeoJsonLayer, LineLayer, ScatterplotLayer } from "@deck.gl/layers";
import type { Reach } from "../../wire/types";
import type { Palette } from "../palette";

type Hole = Reach["holes"][number];
type Move = { from: [number, number]; to: [number, number] };
const LEAST_PX = 5;
const MOST_PX = 16;

export function reachLayers(
  { polygon, holes, move }: Reach,
  where: (force: number) => readonly [number, number] | undefined,
  scale: number,
  palette: Palette,
): Layer[] {
  const colours = palette.reach;
  const from = move ? where(move.force.id) : undefined;
  const moves: Move[] = move && from ? [{ from: [...from], to: [move.to.lon, move.to.lat] }] : [];
  const busiest = Math.max(1, ...holes.map(({ incidents }) => incidents));
  const ring = { filled: false, stroked: true, radiusUnits: "pixels", lineWidthUnits: "pixels" } as const;
  const updateTriggers = { getColor: palette, getFillColor: palette, getLineColor: palette, getRadius: [scale, busiest], getWidth: scale };
  return [
    ...(polygon
      ? [
          new GeoJsonLayer({
            id: "reach",
            data: { type: "Feature", properties: {}, geometry: polygon as unknown as GeoJSON.Geometry },
            getFillColor: colours.inside,
            getLineColor: colours.rim,
            getLineWidth: 1.5 * scale,
            lineWidthUnits: "pixels",
            updateTriggers,
          }),
        ]
      : []),
    new ScatterplotLayer<Hole>({
      id: "reach-holes",
      data: holes,
      ...ring,
      getPosition: ({ grid }) => [grid.lon, grid.lat],
      getRadius: ({ incidents }) => (LEAST_PX + (MOST_PX - LEAST_PX) * Math.sqrt(incidents / busiest)) * scale,
      getLineColor: colours.hole,
      getLineWidth: 2 * scale,
      updateTriggers,
    }),
    new LineLayer<Move>({
      id: "reach-move",
      data: moves,
      getSourcePosition: (one) => one.from,
      getTargetPosition: (one) => one.to,
      getColor: colours.move,
      getWidth: 2.5 * scale,
      widthUnits: "pixels",
      updateTriggers,
    }),
    new ScatterplotLayer<Move>({
      id: "reach-target",
      data: moves,
      getPosition: (one) => one.to,
      getRadius: 6 * scale,
      radiusUnits: "pixels",
      getFillColor: colours.move,
      updateTriggers,
    }),
  ];
}
