import { afterEach, describe, expect, it } from "vitest";
import { clockSpan, dayBefore, widthOf } from "./format";
import { language } from "./index.svelte";

const minutes = (n: number) => n * 60_000;

afterEach(() => (language.locale = "zh"));

describe("the width of a text", () => {
  it("counts a Chinese letter and its punctuation twice", () => expect(widthOf("东门，No. 12")).toBe(12));
});

describe("the last day of what ends on a day", () => {
  it("is the one before, over months and years", () => expect(["2026-03-01", "2027-01-01"].map(dayBefore)).toEqual(["2026-02-28", "2026-12-31"]));
});

describe("a clock that counts", () => {
  it.each([
    [minutes(115), "1小时55分", "1 h 55 min"],
    [minutes(19) + 50_000, "19分50秒", "19:50"],
    [5_000, "0分05秒", "0:05"],
    [-minutes(19) - 50_000, "19分50秒", "19:50"],
    [minutes(660), "11 小时", "11 h"],
  ])("shows %i ms as %s and as %s", (ms, chinese, english) => {
    expect(clockSpan(ms)).toBe(chinese);
    language.locale = "en";
    expect(clockSpan(ms)).toBe(english);
  });
});
