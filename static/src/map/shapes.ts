/** Silhouettes for the map and the legend: people have corners, incidents are round, hotspots are hexagons. */

import type { HotClass } from "../wire/types";
import { SILHOUETTE } from "./palette";

/** SVG paths in a box of 24 × 24, one a kind of force. */
export const SHAPES: readonly string[] = [
  "M12 2 L22 12 L12 22 L2 12 Z",
  "M4 4 H20 V20 H4 Z",
  "M12 2 L21.5 7.5 V16.5 L12 22 L2.5 16.5 V7.5 Z",
  "M12 21.5 L2 4.5 H22 Z",
  "M12 2.5 L22 19.5 H2 Z",
  "M12 2 a4.6 4.6 0 1 1 0 9.2 a4.6 4.6 0 1 1 0 -9.2 Z M3.5 22 C3.5 15.5 7 13 12 13 C17 13 20.5 15.5 20.5 22 Z",
  "M8.5 2 H15.5 V8.5 H22 V15.5 H15.5 V22 H8.5 V15.5 H2 V8.5 H8.5 Z",
];

/** The silhouette of the n-th kind of force. */
export function shapeOf(kind: number): string {
  return SHAPES[Math.max(kind, 0) % SHAPES.length] as string;
}

const disc = (radius: number) => `M${12 - radius} 12 a${radius} ${radius} 0 1 0 ${2 * radius} 0 a${radius} ${radius} 0 1 0 ${-2 * radius} 0 Z`;

/** A star with blunt rays, solid in the middle. */
function burst(rays: number): string {
  const corners = Array.from({ length: rays * 2 }, (_, i) => {
    const [radius, angle] = [i % 2 ? 7.6 : 11.8, (i * Math.PI) / rays];
    return `${(12 + radius * Math.sin(angle)).toFixed(2)} ${(12 - radius * Math.cos(angle)).toFixed(2)}`;
  });
  return `M${corners.join(" L")} Z`;
}

/** Filled by the even-odd rule. Told apart without colour: a star, a target, a disc, a ring, a dot. */
export const URGENCY_SHAPES: Record<"now" | "soon" | "wait" | "served" | "closed", string> = {
  now: burst(8),
  soon: `${disc(11)} ${disc(7.6)} ${disc(5)}`,
  wait: disc(9.5),
  served: `${disc(9.5)} ${disc(6.4)}`,
  closed: disc(6),
};

const HEXAGON = [
  [12, 1.5],
  [21.1, 6.75],
  [21.1, 17.25],
  [12, 22.5],
  [2.9, 17.25],
  [2.9, 6.75],
] as const;

type Corner = readonly [number, number];
const towards = (from: Corner, to: Corner, share: number): Corner => [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
const text = ([x, y]: Corner) => `${x.toFixed(2)} ${y.toFixed(2)}`;
const corner = (i: number) => HEXAGON[(i + 6) % 6] as Corner;

const ring = (share: number) => `M${HEXAGON.map((at) => text(towards([12, 12], at, share))).join(" L")} Z`;
/** Only the corners: the outline is falling apart. */
const broken = HEXAGON.map(
  (at, i) => `M${text(towards(at, corner(i - 1), 0.3))} L${text(at)} L${text(towards(at, corner(i + 1), 0.3))}`,
).join(" ");

/** Drawn as strokes. New: a plus in the outline. Persistent: one outline within the other. Fading: a broken outline. */
export const HOT_SHAPES: Record<Exclude<HotClass, "none">, string> = {
  new: `${ring(1)} M12 7.5 V16.5 M7.5 12 H16.5`,
  persistent: `${ring(1)} ${ring(0.5)}`,
  fading: broken,
};
export const HOT_STROKE = 2.4;

export const CELL = 64;

export type IconFrame = { x: number; y: number; width: number; height: number; mask: boolean };

const frame = (column: number, row: number): IconFrame => ({ x: column * CELL, y: row * CELL, width: CELL, height: CELL, mask: true });
const symbols = (names: readonly string[], row: number) => names.map((name, i) => [name, frame(i, row)] as const);

/** Frames of the atlas: `s0`… filled, `h0`… hollow; urgencies and classes by their names. */
export const FRAMES: Record<string, IconFrame> = Object.fromEntries([
  ...symbols(SHAPES.map((_, i) => `s${i}`), 0),
  ...symbols(SHAPES.map((_, i) => `h${i}`), 1),
  ...symbols(Object.keys(URGENCY_SHAPES), 2),
  ...symbols(Object.keys(HOT_SHAPES), 3),
]);

function outline(pen: CanvasRenderingContext2D, path: Path2D, width: number): void {
  pen.strokeStyle = SILHOUETTE;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.stroke(path);
}

/** Draws the icon atlas, in white to be tinted. On a canvas, since the content policy forbids a `data:` atlas. */
export function atlas(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SHAPES.length * CELL;
  canvas.height = 4 * CELL;
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  const draw = (shapes: readonly string[], row: number, put: (path: Path2D) => void) =>
    shapes.forEach((shape, i) => {
      pen.setTransform(CELL / 30, 0, 0, CELL / 30, i * CELL + CELL / 10, row * CELL + CELL / 10);
      put(new Path2D(shape));
    });
  draw(SHAPES, 0, (path) => pen.fill(path));
  draw(SHAPES, 1, (path) => outline(pen, path, 3));
  draw(Object.values(URGENCY_SHAPES), 2, (path) => pen.fill(path, "evenodd"));
  draw(Object.values(HOT_SHAPES), 3, (path) => outline(pen, path, HOT_STROKE));
  return canvas;
}
