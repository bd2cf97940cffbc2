import Pinyin from "pinyin-match";
import { describe, expect, it } from "vitest";
import { best, scoreOf, wordsIn, type Searchable } from "./matching";

const row = (title: string, ...more: string[]): Searchable => ({ title, more, weight: 0 });
const ROWS = [
  row("盛泽镇", "town"),
  row("楼上漏水", "WJ2026-000123", "震泽镇 · 龙降桥村"),
  row("盛泽镇巡防一队", "patrol_7", "Patrol team"),
  row("重庆路派出所", "police-2"),
  row("显示图层：热点", "Layer on or off: Hotspots"),
];
const found = (query: string) => best(ROWS, query, { pinyin: Pinyin.match, most: 9 }).map(({ title }) => title);

describe("the palette finds", () => {
  it.each([
    ["漏水", ["楼上漏水"]],
    ["lsls", ["楼上漏水"]],
    ["loushang", ["楼上漏水"]],
    ["szz", ["盛泽镇", "盛泽镇巡防一队"]],
    ["shengze", ["盛泽镇", "盛泽镇巡防一队"]],
    ["szz xf", ["盛泽镇巡防一队"]],
    ["chongqing", ["重庆路派出所"]],
    ["cqlpcs", ["重庆路派出所"]],
    ["patrol", ["盛泽镇巡防一队"]],
    ["000123", ["楼上漏水"]],
    ["hotsp", ["显示图层：热点"]],
    ["tcrd", ["显示图层：热点"]],
    ["镇 漏", ["楼上漏水"]],
    ["zzz", ["楼上漏水"]],
    ["qqq", []],
  ])("by “%s”: %o", (query, titles) => {
    expect(found(query)).toEqual(titles);
  });

  it("what is so called before what speaks of it", () => {
    const rows = [row("报告", "盛泽镇"), row("盛泽镇巡防一队"), row("盛泽镇")];
    expect(best(rows, "盛泽镇", { pinyin: null, most: 2 }).map(({ title }) => title)).toEqual(["盛泽镇", "盛泽镇巡防一队"]);
  });

  it("a whole name by its initials before names that begin with it, though these weigh more", () => {
    const rows = [{ ...row("盛泽镇巡防一队"), weight: 0.9 }, row("盛泽镇"), row("大盛泽镇")];
    expect(best(rows, "szz", { pinyin: Pinyin.match, most: 3 }).map(({ title }) => title)).toEqual(["盛泽镇", "盛泽镇巡防一队", "大盛泽镇"]);
  });

  it("a case code that is typed with spaces and dashes", () => {
    expect(scoreOf(row("漏水", "WJ202600012X"), wordsIn("WJ2026-000-12X"), null)).toBeGreaterThan(0);
  });

  it("no letters of a pinyin across a text without Chinese", () => {
    expect(scoreOf(row("Patrol"), ["ptl"], Pinyin.match)).toBe(0);
  });
});

it("six thousand names are searched while one types", () => {
  const rows = Array.from({ length: 6000 }, (_, i) => row(`盛泽镇绸都社区第${i}网格`, `3205091000${i}`, "盛泽镇 · 绸都社区"));
  const begun = performance.now();
  expect(best(rows, "cdsq12", { pinyin: Pinyin.match, most: 40 })).toHaveLength(0);
  best(rows, "cdsq", { pinyin: Pinyin.match, most: 40 });
  expect(performance.now() - begun).toBeLessThan(3000);
});
