import { describe, expect, it } from "vitest";
import { deviation } from "./deviation";

describe("a hotspot in words", () => {
  it.each([
    [{ count: 14, expected: 3.2, class: "new" }, { key: "hot.more", n: 11, chance: "hot.unlikely" }],
    [{ count: 6, expected: 3.9, class: "none" }, { key: "hot.more", n: 2, chance: "hot.chance" }],
    [{ count: 1, expected: 5.2, class: "fading" }, { key: "hot.fewer", n: 4, chance: "hot.chance" }],
    [{ count: 3, expected: 3.4, class: "none" }, { key: "hot.usual", n: 0, chance: "hot.chance" }],
  ] as const)("%o says %o", (cell, words) => expect(deviation(cell)).toEqual(words));
});
