import { describe, expect, it } from "vitest";
import { changeWords } from "./format";

describe("a change", () => {
  it.each([
    ["load_deviation", 1e-7],
    ["workload_minutes", -0.4],
    ["compactness", 0.001],
  ] as const)("of %s that rounds to nothing is not written", (figure, delta) => expect(changeWords(figure, delta)).toBe(""));

  it("has its sign and its unit", () => expect(changeWords("load_deviation", 0.25)).toContain("+25"));
});
