/** Every colour of the map. What it shares with the panels has the value it has in styles/tokens.css. */

import type { HotClass } from "../wire/types";
import type { Urgency } from "../live/urgency";

export type Rgba = [number, number, number, number];

export const URGENCY: Record<Urgency, Rgba> = {
  now: [255, 107, 102, 255],
  soon: [242, 176, 74, 255],
  wait: [214, 224, 232, 255],
  served: [110, 176, 255, 90],
  closed: [110, 124, 136, 160],
};

export const FREE: Rgba = [111, 211, 189, 255];
export const BUSY: Rgba = [110, 176, 255, 255];
export const STALE: Rgba = [150, 166, 178, 170];
export const DARK: Rgba = [8, 13, 18, 255];
export const CHOSEN: Rgba = [255, 255, 255, 255];
/** Halo of an incident that needs action now; ring of one in progress. */
export const HALO: Rgba = [255, 107, 102, 50];
export const RING: Rgba = [110, 176, 255, 230];

/** Circle inside which a force with a coarse position may be, and its rim. */
export const ACCURACY: Rgba = [111, 211, 189, 22];
export const ACCURACY_RING: Rgba = [111, 211, 189, 120];

/** The way of a force to an incident: of any task, of the chosen incident's, of a proposal. */
export const WAY = {
  task: [110, 176, 255, 110],
  chosen: [110, 176, 255, 255],
  proposed: [255, 255, 255, 190],
} satisfies Record<string, Rgba>;

/** The way that one force has gone today. */
export const TRAIL: Rgba = [242, 212, 124, 210];

/** What a camera sees: one near the chosen incident, any other, one that is offline. */
export const CONE = {
  near: [233, 240, 245, 90],
  online: [157, 180, 198, 46],
  offline: [90, 100, 110, 26],
} satisfies Record<string, Rgba>;

/** Silhouettes are drawn in white and tinted by deck. */
export const SILHOUETTE = "#fff";

// The county itself, in MapLibre's notation.

export const GROUND = "#0a1016";
export const LAND = "#131e28";
export const PART_LAND = "#15212c";
export const RIM = "#7fd6c2";
export const CAMERA = "#9db4c6";
export const CAMERA_OFFLINE = "#53616d";
export const PLACE = "#d9e2ea";
/** By depth below the root. */
export const BOUNDARIES = ["#5d7a93", "#4a6379", "#466078", "#3b5063"] as const;
/** By depth, the root first. */
export const LETTERS = ["#eaf2f7", "#dbe6ee", "#b4c5d3", "#93a9bb", "#7d92a4"] as const;

/** One hue in five steps of lightness, ordered for any colour vision. */
const HEAT: readonly Rgba[] = [
  [68, 48, 116, 120],
  [92, 64, 160, 150],
  [123, 87, 204, 170],
  [168, 134, 234, 185],
  [216, 196, 255, 200],
];

/** Upper bounds of the ramp's steps for a highest count: geometric, so that a quiet hour and a busy month both differ. */
export function heatSteps(highest: number): number[] {
  const top = Math.max(highest, 5);
  return HEAT.map((_, i) => Math.max(i + 1, Math.round(top ** ((i + 1) / HEAT.length))));
}

export function heat(count: number, steps: readonly number[]): Rgba {
  const step = steps.findIndex((upper) => count <= upper);
  return HEAT[step < 0 ? HEAT.length - 1 : step] as Rgba;
}

export const HOT_LINE: Record<HotClass, Rgba> = {
  new: [226, 210, 255, 235],
  persistent: [168, 134, 234, 230],
  fading: [140, 150, 165, 200],
  none: [0, 0, 0, 0],
};

export const HOT_WIDTH: Record<HotClass, number> = { new: 2.5, persistent: 2, fading: 1.2, none: 0 };
