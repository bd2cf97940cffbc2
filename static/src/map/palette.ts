/** Every colour of the map, for each theme. What it shares with the panels has the value it has in styles/tokens.css. */

import type { ThemeName } from "../styles/theme.svelte";
import type { Urgency } from "../live/urgency";

export type Rgba = [number, number, number, number];

/** Colours of the basemap: fainter than all that stands on it. */
type Drawn = Record<
  "wood" | "park" | "farm" | "built" | "water" | "building" | "buildingRim" | "path" | "rail" | "minor" | "major" | "motorway" | "name" | "waterName",
  string
>;

export type Palette = {
  drawn: Drawn;
  /** How bright and colourful the pictures of a raster map may be, 1 and 0 as they are. */
  pictures: { brightness: number; saturation: number };
  urgency: Record<Urgency, Rgba>;
  free: Rgba;
  busy: Rgba;
  stale: Rgba;
  /** Behind every incident, so that it stands out from whatever it lies on. */
  edge: Rgba;
  chosen: Rgba;
  /** Round an incident that needs action now. */
  halo: Rgba;
  /** Circle inside which a force with a coarse position may be, and its rim. */
  accuracy: Rgba;
  accuracyRing: Rgba;
  /** The way of a force to an incident: of any task, of the chosen incident's, of a proposal. */
  way: Record<"task" | "chosen" | "proposed", Rgba>;
  /** The way that one force has gone today. */
  trail: Rgba;
  /** Where somebody on duty is in time, and its rim; where nobody is; the move that closes most. */
  reach: Record<"inside" | "rim" | "hole" | "move", Rgba>;
  /** Closed roads: hatching and rim, and what lies between. */
  closure: Record<"line" | "fill", Rgba>;
  /** What a camera sees: one near the chosen incident, any other, one that is offline. */
  cone: Record<"near" | "online" | "offline", Rgba>;
  /** Outlines of key areas. */
  keyArea: Rgba;
  /** Counts of forces: free ones as writing on a chip, busy ones on a chip of their colour. */
  chip: Rgba;
  chipInk: Rgba;
  /** One hue in five steps of lightness, ordered for any colour vision. */
  heat: readonly Rgba[];
  /** The sign of a hotspot. */
  sign: Rgba;
  /** The lines of a plan. */
  plan: PlanColours;
  // The county itself, in MapLibre's notation.
  ground: string;
  land: string;
  partLand: string;
  rim: string;
  camera: string;
  cameraOffline: string;
  place: string;
  /** By depth below the root. */
  boundaries: readonly [string, string, string, string];
  /** By depth, the root first. */
  letters: readonly [string, string, string, string, string];
};

/** Of a plan's lines; `gain` and `lose` are divisions that a preview enlarges and the others that it changes. */
export type PlanColours = {
  line: string;
  fine: string;
  name: string;
  /** Divisions that the plan has changed, that are locked, of a kind of their own. */
  touched: string;
  locked: string;
  special: string;
  sketch: `#${string}`;
  gain: Rgba;
  lose: Rgba;
  edge: Rgba;
  handle: Rgba;
  wrong: Rgba;
  wrongFill: Rgba;
  notice: Rgba;
  guide: Rgba;
};

const DARK: Palette = {
  pictures: { brightness: 0.45, saturation: -0.35 },
  drawn: {
    wood: "#13251f",
    park: "#162a24",
    farm: "#17241f",
    built: "#192530",
    water: "#091d31",
    building: "#202d39",
    buildingRim: "#2b3946",
    path: "#263643",
    rail: "#34424f",
    minor: "#2e3f4d",
    major: "#3f5363",
    motorway: "#4c6070",
    name: "#8ea1b1",
    waterName: "#6f9cc0",
  },
  urgency: {
    now: [255, 95, 90, 255],
    soon: [255, 200, 95, 255],
    wait: [232, 240, 246, 255],
    served: [110, 176, 255, 200],
    closed: [110, 124, 136, 160],
  },
  free: [111, 211, 189, 255],
  busy: [110, 176, 255, 255],
  stale: [150, 166, 178, 170],
  edge: [8, 13, 18, 255],
  chosen: [255, 255, 255, 255],
  halo: [255, 95, 90, 60],
  accuracy: [111, 211, 189, 22],
  accuracyRing: [111, 211, 189, 120],
  way: { task: [110, 176, 255, 110], chosen: [110, 176, 255, 255], proposed: [255, 255, 255, 190] },
  trail: [242, 212, 124, 210],
  reach: { inside: [111, 211, 189, 34], rim: [111, 211, 189, 200], hole: [255, 200, 95, 255], move: [255, 255, 255, 230] },
  closure: { line: [255, 138, 214, 255], fill: [255, 138, 214, 46] },
  keyArea: [250, 222, 130, 220],
  cone: { near: [233, 240, 245, 90], online: [157, 180, 198, 46], offline: [90, 100, 110, 26] },
  chip: [18, 29, 39, 235],
  chipInk: [8, 20, 36, 255],
  heat: [
    [58, 44, 96, 90],
    [74, 56, 124, 110],
    [92, 70, 150, 125],
    [112, 88, 176, 140],
    [136, 112, 200, 155],
  ],
  sign: [190, 172, 236, 235],
  plan: {
    line: "#c3d4e1",
    fine: "#5d7a93",
    name: "#dbe6ee",
    touched: "#7fd6c2",
    locked: "#8497a6",
    special: "#beacec",
    sketch: "#f2d47c",
    gain: [127, 214, 194, 92],
    lose: [110, 176, 255, 60],
    edge: [242, 212, 124, 255],
    handle: [255, 255, 255, 255],
    wrong: [255, 95, 90, 255],
    wrongFill: [255, 95, 90, 70],
    notice: [255, 200, 95, 255],
    guide: [110, 176, 255, 200],
  },
  ground: "#0a1016",
  land: "#131e28",
  partLand: "#15212c",
  rim: "#7fd6c2",
  camera: "#9db4c6",
  cameraOffline: "#53616d",
  place: "#d9e2ea",
  boundaries: ["#5d7a93", "#4a6379", "#466078", "#3b5063"],
  letters: ["#eaf2f7", "#dbe6ee", "#b4c5d3", "#93a9bb", "#7d92a4"],
};

const LIGHT: Palette = {
  pictures: { brightness: 1, saturation: -0.15 },
  drawn: {
    wood: "#e4ede2",
    park: "#dfecdb",
    farm: "#f0f3e9",
    built: "#eeeeeb",
    water: "#c9dcea",
    building: "#e3e4e2",
    buildingRim: "#d2d5d5",
    path: "#d5dade",
    rail: "#c3cad0",
    minor: "#d3d9de",
    major: "#c6ced5",
    motorway: "#b4c0c9",
    name: "#5d6f7c",
    waterName: "#3f6d92",
  },
  urgency: {
    now: [173, 15, 10, 255],
    soon: [149, 93, 0, 255],
    wait: [38, 56, 72, 255],
    served: [29, 95, 191, 220],
    closed: [132, 146, 156, 180],
  },
  free: [10, 115, 97, 255],
  busy: [29, 95, 191, 255],
  stale: [93, 107, 118, 190],
  edge: [255, 255, 255, 255],
  chosen: [15, 25, 34, 255],
  halo: [173, 15, 10, 52],
  accuracy: [10, 115, 97, 24],
  accuracyRing: [10, 115, 97, 150],
  way: { task: [29, 95, 191, 110], chosen: [29, 95, 191, 255], proposed: [20, 32, 42, 190] },
  trail: [122, 84, 0, 220],
  reach: { inside: [10, 115, 97, 34], rim: [10, 115, 97, 210], hole: [149, 93, 0, 255], move: [20, 32, 42, 230] },
  closure: { line: [166, 18, 112, 255], fill: [166, 18, 112, 40] },
  keyArea: [110, 84, 0, 230],
  cone: { near: [40, 60, 80, 80], online: [80, 105, 125, 40], offline: [110, 120, 130, 24] },
  chip: [255, 255, 255, 240],
  chipInk: [255, 255, 255, 255],
  heat: [
    [205, 190, 238, 90],
    [186, 165, 230, 115],
    [164, 138, 220, 135],
    [140, 110, 208, 150],
    [112, 82, 188, 165],
  ],
  sign: [90, 62, 160, 235],
  plan: {
    line: "#3c5263",
    fine: "#9badba",
    name: "#22313d",
    touched: "#0a6f5d",
    locked: "#586a77",
    special: "#5a3ea0",
    sketch: "#7a5400",
    gain: [10, 111, 93, 80],
    lose: [29, 95, 191, 46],
    edge: [122, 84, 0, 255],
    handle: [20, 32, 42, 255],
    wrong: [173, 15, 10, 255],
    wrongFill: [173, 15, 10, 60],
    notice: [149, 93, 0, 255],
    guide: [29, 95, 191, 200],
  },
  ground: "#e4eaed",
  land: "#f7f8f8",
  partLand: "#fbfbfa",
  rim: "#0a6f5d",
  camera: "#566b7b",
  cameraOffline: "#9aa7b1",
  place: "#2b3a46",
  boundaries: ["#7f95a6", "#a0b1be", "#aebcc7", "#c0cbd3"],
  letters: ["#14202a", "#22313d", "#3c4e5c", "#52646f", "#5d6f7c"],
};

export const PALETTES: Record<ThemeName, Palette> = { dark: DARK, light: LIGHT };

/** Silhouettes are drawn in white and tinted by deck. */
export const SILHOUETTE = "#fff";

/** How many steps the ramp of the hotspots has. */
export const HEAT_STEPS = 5;

/** Upper bounds of the ramp's steps for a highest count: geometric, so that a quiet hour and a busy month both differ. */
export function heatSteps(highest: number): number[] {
  const top = Math.max(highest, HEAT_STEPS);
  return Array.from({ length: HEAT_STEPS }, (_, i) => Math.max(i + 1, Math.round(top ** ((i + 1) / HEAT_STEPS))));
}

export function heat(count: number, steps: readonly number[], ramp: readonly Rgba[]): Rgba {
  const step = steps.findIndex((upper) => count <= upper);
  return ramp[step < 0 ? ramp.length - 1 : step] as Rgba;
}

/** No colour at all, in a style of the basemap. */
export const UNSEEN = "rgba(0,0,0,0)";

/** A colour of the map in a style of the basemap, at least as dense as `least` (0 to 1). */
export function styleOf([red, green, blue, alpha]: Rgba, least = 0): string {
  return `rgba(${red},${green},${blue},${Math.max(least, alpha / 255)})`;
}
