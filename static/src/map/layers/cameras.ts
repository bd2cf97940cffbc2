/** The layer of camera views: a sector per camera, from a near zoom on. */

import type { Layer } from "@deck.gl/core";
import { SolidPolygonLayer } from "@deck.gl/layers";
import type { Camera } from "../../wire/types";
import { UNDER_POINTS } from "../basemap";
import type { Palette } from "../palette";

export const CONES_FROM_ZOOM = 14;

const METRES_PER_DEGREE = 111_320;
const ARC_STEP_DEG = 10;

/** The sector's ring, [lon, lat] each. Planar: at camera ranges the error is millimetres. */
export function sector(camera: Pick<Camera, "lon" | "lat" | "heading" | "fov_deg" | "range_m">): [number, number][] {
  const { lon, lat, heading, fov_deg, range_m } = camera;
  const steps = Math.max(2, Math.ceil(fov_deg / ARC_STEP_DEG));
  const perLon = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  const arc = Array.from({ length: steps + 1 }, (_, i): [number, number] => {
    const bearing = ((heading - fov_deg / 2 + (fov_deg * i) / steps) * Math.PI) / 180;
    return [lon + (Math.sin(bearing) * range_m) / perLon, lat + (Math.cos(bearing) * range_m) / METRES_PER_DEGREE];
  });
  return [[lon, lat], ...arc, [lon, lat]];
}

export function coneLayer(cameras: readonly Camera[], near: ReadonlySet<number>, palette: Palette): Layer {
  return new SolidPolygonLayer<Camera>({
    id: "camera-cones",
    data: [...cameras],
    beforeId: UNDER_POINTS,
    getPolygon: sector,
    getFillColor: (camera) => palette.cone[near.has(camera.id) ? "near" : camera.online ? "online" : "offline"],
    extruded: false,
    updateTriggers: { getFillColor: [near, palette] },
  } as ConstructorParameters<typeof SolidPolygonLayer<Camera>>[0]);
}
