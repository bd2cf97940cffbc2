import { describe, expect, it } from "vitest";
import { differenceOf, isComparable } from "./trend";

describe("the trend of the wall", () => {
  it("is signed, and a dash where one of the two is not known", () => {
    expect([differenceOf(12, 8), differenceOf(8, 12), differenceOf(8, 8)]).toEqual(["▲ +4", "▼ −4", "= 0"]);
    expect([differenceOf(8, null), differenceOf(undefined, 8)]).toEqual(["–", "–"]);
  });

  it("is not known where the day's traffic is simulated faster than real", () => {
    expect([null, undefined, 1, 60].map(isComparable)).toEqual([true, true, true, false]);
  });
});
