/** Moves labels apart that would overlap. Pure. */

/** In pixels, `top` counted downwards. */
export type Box = { left: number; top: number; width: number; height: number };

function touch(a: Box, b: Box, gap: number): boolean {
  const beside = a.left + a.width + gap <= b.left || b.left + b.width + gap <= a.left;
  return !beside && a.top < b.top + b.height + gap && b.top < a.top + a.height + gap;
}

/** How far down each box must move so that none overlaps: the highest stays, each next one goes below those that it
 * would touch. */
export function spread(boxes: readonly Box[], gap: number): number[] {
  const placed: Box[] = [];
  const shifts = boxes.map(() => 0);
  const fromTop = boxes.map((_, place) => place).sort((a, b) => (boxes[a] as Box).top - (boxes[b] as Box).top || a - b);
  for (const place of fromTop) {
    const box = { ...(boxes[place] as Box) };
    for (let under = placed.find((one) => touch(one, box, gap)); under; under = placed.find((one) => touch(one, box, gap))) {
      box.top = under.top + under.height + gap;
    }
    placed.push(box);
    shifts[place] = box.top - (boxes[place] as Box).top;
  }
  return shifts;
}
