/** The layers of cases on the board: a star is overdue, a target due soon, a disc in time, a ring paused. */

import type { Layer, PickingInfo } from "@deck.gl/core";
import { IconLayer, ScatterplotLayer } from "@deck.gl/layers";
import type { Urgency } from "../../live/urgency";
import type { BoardCase } from "../../wire/board";
import type { Palette } from "../palette";
import { FRAMES } from "../shapes";

type Placed = BoardCase & { lon: number; lat: number };
type View = { current: number | null; scale: number; palette: Palette; atlas: HTMLCanvasElement };

const SHAPE: Record<BoardCase["standing"], Urgency> = { late: "now", near: "soon", in_time: "wait", paused: "served" };
const ORDER: readonly BoardCase["standing"][] = ["paused", "in_time", "near", "late"];
const SIZE_PX = 26;

/** The worst are drawn last, on top. */
export function boardLayers(items: readonly BoardCase[], { current, scale, palette, atlas }: View): Layer[] {
  const placed = items.filter((item): item is Placed => item.lon !== null && item.lat !== null);
  const sorted = [...placed].sort((a, b) => ORDER.indexOf(a.standing) - ORDER.indexOf(b.standing));
  const position = ({ lon, lat }: Placed): [number, number] => [lon, lat];
  return [
    new ScatterplotLayer<Placed>({
      id: "board-edges",
      data: sorted,
      getPosition: position,
      getRadius: ({ standing }) => (standing === "late" ? 12 : 10) * scale,
      radiusUnits: "pixels",
      getFillColor: palette.edge,
      updateTriggers: { getRadius: scale, getFillColor: palette },
    }),
    new IconLayer<Placed>({
      id: "board-cases",
      data: sorted,
      getPosition: position,
      getIcon: ({ standing }) => SHAPE[standing],
      getSize: SIZE_PX * scale,
      getColor: ({ standing }) => palette.urgency[SHAPE[standing]],
      iconAtlas: atlas as unknown as string,
      iconMapping: FRAMES,
      sizeUnits: "pixels",
      pickable: true,
      updateTriggers: { getColor: palette, getSize: scale },
    }),
    new ScatterplotLayer<Placed>({
      id: "board-current",
      data: sorted.filter(({ id }) => id === current),
      getPosition: position,
      getRadius: 17 * scale,
      radiusUnits: "pixels",
      filled: false,
      stroked: true,
      getLineColor: palette.chosen,
      getLineWidth: 2.5 * scale,
      lineWidthUnits: "pixels",
      updateTriggers: { getLineColor: palette },
    }),
  ];
}

/** The case that was picked. */
export function pickedCase({ object, layer }: PickingInfo): BoardCase | undefined {
  return layer?.id === "board-cases" ? (object as BoardCase | undefined) : undefined;
}
