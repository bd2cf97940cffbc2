/** Finding a category and a place by what is typed. */

import { expect, test } from "vitest";
import type { County, DivisionName } from "../../../wire/types";
import { findCategories } from "./categories";
import { findDivisions } from "./places";

const county = {
  classes: [{ code: "dispute", name: { zh: "矛盾纠纷", en: "Dispute" } }],
  categories: [
    { code: "dispute.family", class: "dispute", risk: "low", name: { zh: "婚姻家庭纠纷", en: "Marriage and family" } },
    { code: "dispute.medical", class: "dispute", risk: "medium", name: { zh: "医疗纠纷", en: "Medical" } },
    { code: "hazard.fire", class: "hazard", risk: "medium", name: { zh: "消防隐患", en: "Fire hazard" } },
  ],
} as unknown as County;

const found = (typed: string) => findCategories(county, typed).map(({ code }) => code);

test("a category is found by its name, its class or its code, in either language", () => {
  expect(found("")).toEqual(["dispute.family", "dispute.medical", "hazard.fire"]);
  expect(found("家庭")).toEqual(["dispute.family"]);
  expect(found("矛盾 医")).toEqual(["dispute.medical"]);
  expect(found("FIRE")).toEqual(["hazard.fire"]);
  expect(found("med")).toEqual(["dispute.medical"]);
  expect(found("nothing")).toEqual([]);
});

const division = (path: string, level: string, name: string) => ({ path, level, name, code: path.split(".").at(-1), lon: 120.6, lat: 31.1 }) as DivisionName;
const divisions = [
  division("320509.320509100", "town", "松陵街道"),
  division("320509.320509100.320509100201", "village", "东门社区"),
  division("320509.320509100.320509100201.320509100201001", "grid", "第一网格"),
  division("320509.320509101.320509101201.320509101201001", "grid", "第一网格"),
];
const names: Record<string, string> = { "320509.320509100.320509100201": "松陵街道 东门社区", "320509.320509101.320509101201": "平望镇 西门社区" };
const places = (typed: string) => findDivisions(divisions, typed, (path) => names[path.split(".").slice(0, -1).join(".")] ?? "").map(({ id }) => id.replace("division-320509", ""));

test("a grid is found by its code, its name, and its name within a village", () => {
  expect(places("320509100201001")).toEqual(["100201001"]);
  expect(places("第一")).toEqual(["100201001", "101201001"]);
  expect(places("松陵 第一")).toEqual(["100201001"]);
  expect(places("平望 第一网格")).toEqual(["101201001"]);
  expect(places("  ")).toEqual([]);
});
