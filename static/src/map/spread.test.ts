import { describe, expect, it } from "vitest";
import { spread, type Box } from "./spread";

const box = (left: number, top: number): Box => ({ left, top, width: 100, height: 20 });

describe("words beside points", () => {
  it("stay where they are when they have room", () => {
    expect(spread([box(0, 0), box(0, 40), box(200, 0)], 2)).toEqual([0, 0, 0]);
  });

  it("go below those that they would lie on, the highest first", () => {
    expect(spread([box(10, 5), box(0, 0)], 2)).toEqual([17, 0]);
  });

  it("never lie on each other, however many meet in one place", () => {
    const boxes = Array.from({ length: 9 }, (_, i) => box((i * 37) % 90, (i * 13) % 50));
    const shifts = spread(boxes, 2);
    const moved = boxes.map((one, i) => ({ ...one, top: one.top + (shifts[i] as number) }));
    expect(shifts.every((shift) => shift >= 0)).toBe(true);
    expect(spread(moved, 2)).toEqual(boxes.map(() => 0));
  });
});
