import { describe, expect, it } from "vitest";
import type { Flow } from "../../wire/cases";
import { byFit, suggestUnit, type UnitChoice } from "../../live/units.svelte";
import { filledAs, suggestKinds, suggestLane } from "./suggest";

const HINTS = [
  { category: "dispute.neighbour", words: ["邻居", "漏水", "leak"] },
  { category: "dispute.labour", words: ["工资", "欠薪", "wages"] },
  { category: "hazard.fire", words: ["电动车充电", "fire"] },
  { category: "dispute.traffic", words: ["电动车"] },
];

describe("the category that is suggested", () => {
  it.each([
    ["楼上漏水，邻居不肯修", "dispute.neighbour", "邻居"],
    ["老板欠薪三个月", "dispute.labour", "欠薪"],
    ["楼道里电动车充电", "hazard.fire", "电动车充电"],
    ["Unpaid WAGES since May", "dispute.labour", "wages"],
    ["Something is leaking", "dispute.neighbour", "leak"],
  ])("for %s is %s, because of %s", (said, category, word) => {
    expect(suggestKinds(said, HINTS)[0]).toEqual({ category, word });
  });

  it.each(["The campfire was a bonfire", "Firearms", "", "咨询"])("for %s is none", (said) => {
    expect(suggestKinds(said, HINTS)).toEqual([]);
  });
});

const lane = (code: string, more: object = {}) => ({ code, names: { zh: code, en: code }, risks: [], classes: [], categories: [], ...more });
const LANES = [lane("easy", { risks: ["low"] }), lane("joint", { risks: ["high"], classes: ["dispute"] }), lane("urgent")] as Flow["lanes"];

describe("the lane that is suggested", () => {
  it.each([
    ["dispute.family", "low", "easy"],
    ["dispute.family", "high", "joint"],
    ["hazard.fire", "high", "urgent"],
  ])("for %s of risk %s is %s", (category, risk, expected) => {
    expect(suggestLane(LANES, { category, risk })?.code).toBe(expected);
  });
});

describe("the unit that is suggested", () => {
  const unit = (id: string, more: Partial<UnitChoice> = {}): UnitChoice => ({ id, label: id, level: "town", kind: "", centre: false, accepts: true, specialities: [], ...more });
  const units = [unit("centre", { centre: true }), unit("unmanned", { accepts: false, specialities: ["dispute.land"] }), unit("of_class", { specialities: ["dispute"] }), unit("of_kind", { specialities: ["dispute.land"] }), unit("above", { level: "county", specialities: ["dispute.land"] })];
  it.each([
    ["dispute.land", "of_kind", "handles"],
    ["dispute.family", "of_class", "handles"],
    ["hazard.fire", "centre", "centre"],
  ])("for %s is %s", (category, id, by) => {
    const found = suggestUnit(units, { category, level: "town", unit: "desk" });
    expect([found?.choice.id, found?.by]).toEqual([id, by]);
  });

  it("stands first in lists, and units in which nobody could take the case on stand last at its level", () => {
    const shown = byFit(units, { category: "dispute.land", level: "town" }).map(({ id }) => id);
    expect(shown).toEqual(["of_kind", "of_class", "centre", "unmanned", "above"]);
  });

  it("is not the one that has the case", () => {
    expect(suggestUnit(units, { category: "hazard.fire", level: "town", unit: "centre" })).toBe(null);
  });
});

it("a form begins with the lane, the level and the unit, in whatever fields they stand", () => {
  const flow = { lanes: LANES, levels: [lane("village"), lane("town")] } as unknown as Flow;
  const choice = (code: string, codes: string[]) => ({ code, type: "choice", choices: codes.map((one) => ({ code: one })) });
  const fields = [choice("way", ["window"]), choice("channel", ["easy", "joint", "urgent"]), choice("at", ["village", "town"]), { code: "to", type: "unit", choices: [] }];
  expect(filledAs(fields, { lane: "joint", level: "town", unit: "u1" }, flow)).toEqual({ channel: "joint", at: "town", to: "u1" });
});
