/** Panels of the hall that may have a window of their own, on another monitor. */

export const PANELS = ["queue", "incident", "map", "hotspots", "shift"] as const;
export type Panel = (typeof PANELS)[number];

/** Width and height of a new window in CSS pixels. */
export const SIZES: { readonly [P in Panel]: readonly [number, number] } = {
  queue: [480, 960],
  incident: [560, 960],
  map: [1400, 900],
  hotspots: [420, 760],
  shift: [620, 860],
};

/** The panel that an address asks for; null: the whole hall. */
export function panelOf(params: URLSearchParams): Panel | null {
  return PANELS.find((panel) => panel === params.get("panel")) ?? null;
}
