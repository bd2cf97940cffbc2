/** The map's colours, the same meanings as in styles/tokens.css. */

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

/** One hue, five steps of lightness: the order survives any colour vision. */
const HEAT: readonly Rgba[] = [
  [68, 48, 116, 120],
  [92, 64, 160, 150],
  [123, 87, 204, 170],
  [168, 134, 234, 185],
  [216, 196, 255, 200],
];

/** Upper bounds of the ramp's steps for a highest count, so that a quiet hour and a busy month both show shape. */
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
