/** Lets browser tests ask which incident a pixel shows.
 *
 * Every answer is about what has been painted, not about what is about to be. Nothing in the screens reads it.
 */

import type { Map as MapLibre } from "maplibre-gl";

export type DrawnLayer = "incidents" | "forces" | "hexes" | "closures";
export type Found = { layer: string; id: number | string };

export type MapHook = {
  map: MapLibre;
  /** The ids whose own pixels deck finds on the screen; none while a change has not been painted yet. */
  drawn: (layer: DrawnLayer) => (number | string)[];
  /** What deck finds at the pixel of a place; null for nothing, or while a change has not been painted yet. */
  at: (lon: number, lat: number) => Found | null;
  /** The colour that the map's canvas has at the pixel of a place: red, green, blue, of 255 each. */
  colour: (lon: number, lat: number) => Promise<[number, number, number]>;
};

declare global {
  interface Window {
    __maplebridge?: MapHook;
  }
}

export function exposeToTests(hook: MapHook): () => void {
  window.__maplebridge = hook;
  return () => delete window.__maplebridge;
}

/** Reads a pixel while it is painted: afterwards the browser has cleared the drawing buffer. */
export function colourOf(map: MapLibre, place: [number, number]): Promise<[number, number, number]> {
  return new Promise((resolve) => {
    map.once("render", () => {
      const canvas = map.getCanvas();
      const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
      const { x, y } = map.project(place);
      const perPixel = canvas.width / canvas.clientWidth;
      const read = new Uint8Array(4);
      gl.readPixels(Math.round(x * perPixel), Math.round(canvas.height - y * perPixel), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, read);
      resolve([read[0] as number, read[1] as number, read[2] as number]);
    });
    map.triggerRepaint();
  });
}
