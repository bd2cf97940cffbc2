/** Silhouettes of forces, one a kind, for the map and the legend. */

import { SILHOUETTE } from "./palette";

/** SVG paths in a box of 24 × 24. */
export const SHAPES: readonly string[] = [
  "M12 2 L22 12 L12 22 L2 12 Z",
  "M4 4 H20 V20 H4 Z",
  "M12 2 L21.5 7.5 V16.5 L12 22 L2.5 16.5 V7.5 Z",
  "M12 21.5 L2 4.5 H22 Z",
  "M12 2.5 L22 19.5 H2 Z",
  "M12 2 a4.6 4.6 0 1 1 0 9.2 a4.6 4.6 0 1 1 0 -9.2 Z M3.5 22 C3.5 15.5 7 13 12 13 C17 13 20.5 15.5 20.5 22 Z",
];

/** The silhouette of the n-th kind of force. */
export function shapeOf(kind: number): string {
  return SHAPES[Math.max(kind, 0) % SHAPES.length] as string;
}

export const CELL = 64;

export type IconFrame = { x: number; y: number; width: number; height: number; mask: boolean };

/** Frames of the atlas: `s0`… filled, `h0`… hollow. */
export const FRAMES: Record<string, IconFrame> = Object.fromEntries(
  SHAPES.flatMap((_, i) => [
    [`s${i}`, { x: i * CELL, y: 0, width: CELL, height: CELL, mask: true }],
    [`h${i}`, { x: i * CELL, y: CELL, width: CELL, height: CELL, mask: true }],
  ]),
);

function outline(pen: CanvasRenderingContext2D, path: Path2D, colour: string, width: number): void {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.stroke(path);
}

/** Draws the icon atlas, in white to be tinted. On a canvas, since the content policy forbids a `data:` atlas. */
export function atlas(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SHAPES.length * CELL;
  canvas.height = 2 * CELL;
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  SHAPES.forEach((shape, i) => {
    const path = new Path2D(shape);
    for (const hollow of [false, true]) {
      pen.setTransform(CELL / 30, 0, 0, CELL / 30, i * CELL + CELL / 10, (hollow ? CELL : 0) + CELL / 10);
      if (hollow) outline(pen, path, SILHOUETTE, 3);
      else pen.fill(path);
    }
  });
  return canvas;
}
