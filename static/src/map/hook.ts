/** What a browser test may ask of the map: pixels can be looked at, but not asked which matter they show.
 *
 * `window.__maplebridge.drawn("incidents")` gives the ids drawn now; `.map` is the map itself, for
 * `queryRenderedFeatures` and `project`. Nothing in the screens reads it.
 */

import type { Map as MapLibre } from "maplibre-gl";

export type MapHook = { map: MapLibre; drawn: (layer: "incidents" | "forces" | "hexes") => (number | string)[] };

declare global {
  interface Window {
    __maplebridge?: MapHook;
  }
}

export function offer(hook: MapHook): () => void {
  window.__maplebridge = hook;
  return () => delete window.__maplebridge;
}
