/** The layer of circles around forces whose position is coarse: they may be anywhere inside. */

import type { Layer } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import { COARSE_M, type Fleet } from "../../live/fleet.svelte";
import { isFixUsable } from "../../live/position";
import type { Palette } from "../palette";
import type { ForceView } from "./forces";

export type Circle = { id: number; position: [number, number]; radius: number };

/** The circles of forces that are drawn by their fix. */
export function coarseCircles(fleet: Fleet, view: Pick<ForceView, "forces" | "now" | "staleMs" | "only">): Circle[] {
  const circles: Circle[] = [];
  for (let slot = 0; slot < fleet.count; slot++) {
    const radius = fleet.accuracy[slot] as number;
    const id = fleet.force[slot] as number;
    const force = view.forces.get(id);
    if (radius <= COARSE_M || !force || (view.only && !view.only.has(id)) || force.duty === "off" || !isFixUsable(force, fleet.at[slot] as number, view)) continue;
    circles.push({ id, position: [fleet.position[slot * 2] as number, fleet.position[slot * 2 + 1] as number], radius });
  }
  return circles;
}

export function accuracyLayer(circles: readonly Circle[], scale: number, palette: Palette): Layer {
  return new ScatterplotLayer<Circle>({
    id: "accuracy",
    data: [...circles],
    getPosition: (circle) => circle.position,
    getRadius: (circle) => circle.radius,
    radiusUnits: "meters",
    getFillColor: palette.accuracy,
    getLineColor: palette.accuracyRing,
    stroked: true,
    lineWidthUnits: "pixels",
    getLineWidth: 1.2 * scale,
    updateTriggers: { getFillColor: palette, getLineColor: palette },
  });
}
