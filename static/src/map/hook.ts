/** What a browser test may ask of the map: pixels can be looked at, but not asked which matter they show.
 *
 * Every answer is about what has been painted, not about what there is to paint. Nothing in the screens reads it.
 */

import type { Map as MapLibre } from "maplibre-gl";

export type DrawnLayer = "incidents" | "forces" | "hexes";
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

export function offer(hook: MapHook): () => void {
  window.__maplebridge = hook;
  return () => delete window.__maplebridge;
}

/** Reads a pixel in the moment it is painted: afterwards the browser has taken the picture away. */
export function colourOf(map: MapLibre, place: [number, number]): Promise<[number, number, number]> {
  return new Promise((tell) => {
    map.once("render", () => {
      const canvas = map.getCanvas();
      const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
      const { x, y } = map.project(place);
      const perPixel = canvas.width / canvas.clientWidth;
      const read = new Uint8Array(4);
      gl.readPixels(Math.round(x * perPixel), Math.round(canvas.height - y * perPixel), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, read);
      tell([read[0] as number, read[1] as number, read[2] as number]);
    });
    map.triggerRepaint();
  });
}
