import { describe, expect, it } from "vitest";
import { classesOf, classOf, coloursOf } from "./choropleth";

describe("the classes of a figure", () => {
  it("hold about as many divisions each, and none of those that are not known", () => {
    const values = [null, ...Array.from({ length: 10 }, (_, i) => i)];
    const classes = classesOf(values);
    expect(classes.bounds).toEqual([2, 4, 6, 8]);
    const counted = values.map((value) => classOf(value, classes));
    expect([null, 0, 1, 2, 3, 4].map((one) => counted.filter((other) => other === one).length)).toEqual([1, 2, 2, 2, 2, 2]);
  });

  it("are fewer where many have the same value, and none lies empty", () => {
    const classes = classesOf([0, 0, 0, 0, 0, 0, 0, 0, 3, 9]);
    expect(classes.bounds).toEqual([3]);
    expect(coloursOf(classes)).toEqual([0, 4]);
    expect([classesOf([7, 7]).bounds, classesOf([null]).bounds]).toEqual([[], []]);
  });

  it("of a deviation have even ones in the middle", () => {
    const classes = classesOf([], { diverging: true });
    expect([-0.5, -0.2, 0, 0.1, 0.25].map((value) => classOf(value, classes))).toEqual([0, 1, 2, 3, 4]);
  });
});
