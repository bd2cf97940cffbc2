/** A pattern of slanting lines, for what is not known. Pure but for the colour's parsing. */

const SIDE = 8;

/** Red, green and blue of `#rrggbb`. */
function rgbOf(colour: string): [number, number, number] {
  const n = Number.parseInt(colour.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

export function hatch(colour: string): { width: number; height: number; data: Uint8ClampedArray } {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let y = 0; y < SIDE; y++) {
    const x = SIDE - 1 - y;
    data.set([...rgbOf(colour), 220], 4 * (y * SIDE + x));
  }
  return { width: SIDE, height: SIDE, data };
}
