/** The layers of closed roads: a hatched area each, and what is being drawn. */

import type { Layer } from "@deck.gl/core";
import { LineLayer, PathLayer, PolygonLayer, ScatterplotLayer } from "@deck.gl/layers";
import type { Closure } from "../../wire/types";
import type { Palette } from "../palette";

type Point = readonly [number, number];
type Stroke = { from: [number, number]; to: [number, number] };
export type Drawing = { drawn: "line" | "polygon"; points: readonly Point[] };

/** Strokes across the longer side of an area. */
const STROKES = 9;

/** Strokes that hatch a ring, parallel and rising to the right, as long as they lie inside it. */
export function hatched(ring: readonly Point[]): Stroke[] {
  const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const step = Math.max(east - west, north - south) / STROKES;
  if (!(step > 0)) return [];
  const strokes: Stroke[] = [];
  // Along a stroke, lat − lon stays the same.
  for (let rise = south - east + step / 2; rise < north - west; rise += step) {
    const cuts: number[] = [];
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length] as Point;
      const [before, after] = [a[1] - a[0] - rise, b[1] - b[0] - rise];
      if (before < 0 !== after < 0) cuts.push(a[0] + ((b[0] - a[0]) * before) / (before - after));
    });
    cuts.sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const [from, to] = [cuts[i] as number, cuts[i + 1] as number];
      strokes.push({ from: [from, from + rise], to: [to, to + rise] });
    }
  }
  return strokes;
}

export function closureLayers(closures: readonly Closure[], scale: number, palette: Palette): Layer[] {
  const { line, fill } = palette.closure;
  const updateTriggers = { getLineColor: palette, getFillColor: palette, getColor: palette, getLineWidth: scale, getWidth: scale };
  return [
    new PolygonLayer<Closure>({
      id: "closures",
      data: closures as Closure[],
      pickable: true,
      getPolygon: ({ outline }) => outline as [number, number][],
      getFillColor: fill,
      getLineColor: line,
      getLineWidth: 2.5 * scale,
      lineWidthUnits: "pixels",
      updateTriggers,
    }),
    new LineLayer<Stroke>({
      id: "closure-hatch",
      data: closures.flatMap(({ outline }) => hatched(outline as Point[])),
      getSourcePosition: ({ from }) => from,
      getTargetPosition: ({ to }) => to,
      getColor: line,
      getWidth: 1.5 * scale,
      widthUnits: "pixels",
      updateTriggers,
    }),
  ];
}

/** What is being drawn: its points, and the lines between them. */
export function drawingLayers({ drawn, points }: Drawing, scale: number, palette: Palette): Layer[] {
  const { line } = palette.closure;
  const path = points.map(([lon, lat]): [number, number] => [lon, lat]);
  const closed = drawn === "polygon" && path.length > 2 ? [...path, path[0] as [number, number]] : path;
  return [
    new PathLayer<[number, number][]>({ id: "closure-drawing", data: closed.length > 1 ? [closed] : [], getPath: (one) => one, getColor: line, getWidth: 4 * scale, widthUnits: "pixels", updateTriggers: { getColor: palette, getWidth: scale } }),
    new ScatterplotLayer<[number, number]>({ id: "closure-points", data: path, getPosition: (one) => one, getRadius: 5 * scale, radiusUnits: "pixels", getFillColor: line, updateTriggers: { getFillColor: palette, getRadius: scale } }),
  ];
}
