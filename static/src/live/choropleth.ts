/** Classes of a figure for a map of all divisions of a level. Pure. */

export const CLASSES = 5;
/** A deviation is bad on both sides: less than none, and more. Bounds of the classes, as shares. */
const DEVIATION_BOUNDS = [-0.25, -0.1, 0.1, 0.25] as const;

/** `bounds[i]` is where class `i + 1` begins. `diverging`: the class in the middle is even. */
export type Classes = { bounds: readonly number[]; diverging: boolean };

/** Classes with about as many divisions in each; fewer, where many have the same value. */
export function classesOf(values: readonly (number | null)[], { diverging = false }: { diverging?: boolean } = {}): Classes {
  if (diverging) return { bounds: DEVIATION_BOUNDS, diverging };
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const cuts = Array.from({ length: CLASSES - 1 }, (_, i) => known[Math.floor(((i + 1) * known.length) / CLASSES)] as number);
  const bounds = [...new Set(cuts)].filter((cut) => cut !== undefined && cut > (known[0] as number));
  return { bounds, diverging };
}

/** The class of a value, from 0; null where the value is not known. */
export function classOf(value: number | null | undefined, { bounds }: Classes): number | null {
  if (value === null || value === undefined) return null;
  return bounds.filter((bound) => value >= bound).length;
}

/** Which of the ramp's colours each class takes: few classes are spread over the whole ramp. */
export function coloursOf({ bounds }: Classes): number[] {
  const n = bounds.length;
  return Array.from({ length: n + 1 }, (_, i) => (n === 0 ? CLASSES - 1 : Math.round((i * (CLASSES - 1)) / n)));
}
