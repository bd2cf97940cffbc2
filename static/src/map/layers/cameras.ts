/** The layers of camera views: a sector per camera, from a near zoom on, told apart by shape as well as colour. */

import type { Layer } from "@deck.gl/core";
import { PathLayer, SolidPolygonLayer } from "@deck.gl/layers";
import type { Camera } from "../../wire/types";
import { UNDER_POINTS } from "../basemap";
import type { Palette, Rgba } from "../palette";

export const CONES_FROM_ZOOM = 14;

const METRES_PER_DEGREE = 111_320;
const ARC_STEP_DEG = 10;
const CROSS_M = 7;

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

/** Two strokes that cross where a camera stands, [lon, lat] each: the sign of one that is offline. */
export function crossed({ lon, lat }: Pick<Camera, "lon" | "lat">): [number, number][][] {
  const [north, east] = [CROSS_M / METRES_PER_DEGREE, CROSS_M / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180))];
  return [1, -1].map((side) => [[lon - east, lat - side * north], [lon + east, lat + side * north]]);
}

/** What a camera is drawn as: all around where it can turn. */
function shapeOf(camera: Camera): [number, number][] {
  return sector(camera.ptz ? { ...camera, fov_deg: 360 } : camera);
}

/** Filled where said online and fixed; an outline where the state is unknown or the camera can turn; crossed out offline. */
export function coneLayers(cameras: readonly Camera[], near: ReadonlySet<number>, scale: number, palette: Palette): Layer[] {
  const colour = (camera: Camera): Rgba => palette.cone[near.has(camera.id) ? "near" : camera.state === "offline" ? "offline" : "online"];
  const filled = cameras.filter((camera) => camera.state === "online" && !camera.ptz);
  const line = (camera: Camera): Rgba => [...colour(camera).slice(0, 3), 170] as unknown as Rgba;
  return [
    new SolidPolygonLayer<Camera>({
      id: "camera-cones",
      data: filled,
      beforeId: UNDER_POINTS,
      getPolygon: shapeOf,
      getFillColor: colour,
      extruded: false,
      updateTriggers: { getFillColor: [near, palette] },
    } as ConstructorParameters<typeof SolidPolygonLayer<Camera>>[0]),
    new PathLayer<Camera>({
      id: "camera-outlines",
      data: [...cameras],
      beforeId: UNDER_POINTS,
      getPath: shapeOf,
      getColor: line,
      getWidth: scale,
      widthUnits: "pixels",
      updateTriggers: { getColor: [near, palette], getWidth: scale },
    } as ConstructorParameters<typeof PathLayer<Camera>>[0]),
    new PathLayer<{ camera: Camera; path: [number, number][] }>({
      id: "camera-crosses",
      data: cameras.filter((camera) => camera.state === "offline").flatMap((camera) => crossed(camera).map((path) => ({ camera, path }))),
      getPath: ({ path }) => path,
      getColor: ({ camera }) => line(camera),
      getWidth: 2 * scale,
      widthUnits: "pixels",
      updateTriggers: { getColor: [near, palette], getWidth: scale },
    }),
  ];
}
