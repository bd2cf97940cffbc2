/** The layer of key areas: an outline each. */

import type { Layer } from "@deck.gl/core";
import { PathLayer } from "@deck.gl/layers";
import type { KeyArea } from "../../wire/viewing";
import { UNDER_POINTS } from "../basemap";
import type { Palette } from "../palette";

type Ring = { path: [number, number][] };

export function keyAreaLayer(areas: readonly KeyArea[], scale: number, palette: Palette): Layer {
  return new PathLayer<Ring>({
    id: "key-areas",
    data: areas.flatMap(({ outlines }) => outlines.map((path) => ({ path: path as [number, number][] }))),
    beforeId: UNDER_POINTS,
    getPath: ({ path }) => path,
    getColor: palette.keyArea,
    getWidth: 2.5 * scale,
    widthUnits: "pixels",
    jointRounded: true,
    updateTriggers: { getColor: palette, getWidth: scale },
  } as ConstructorParameters<typeof PathLayer<Ring>>[0]);
}
