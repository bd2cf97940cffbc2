import { expect, it } from "vitest";
import { daysOfMonth, listOf, monthAfter, tabsOf } from "./tabs";

it("has a tab for each monthly list of the place", () => {
  const monthly = [{ code: "problems" }, { code: "leads" }];
  expect(tabsOf(monthly)).toEqual(["follow_up", "dissatisfied", "list.problems", "list.leads", "duty", "returned"]);
  expect(tabsOf([], { checklists: true })).toEqual(["follow_up", "dissatisfied", "checklists", "duty", "returned"]);
  expect(tabsOf([], { rosters: true, rounds: true }).slice(-4)).toEqual(["duty", "down", "rounds", "returned"]);
  expect([listOf("list.leads", monthly), listOf("follow_up", monthly)]).toEqual([{ code: "leads" }, null]);
});

it("knows the last day of a month", () => {
  expect(["2026-02", "2028-02", "2026-12"].map((month) => daysOfMonth(month).last)).toEqual(["2026-02-28", "2028-02-29", "2026-12-31"]);
});

it("counts months over the turn of the year", () => {
  expect([monthAfter("2026-12", 1), monthAfter("2027-01", -1), monthAfter("2026-03", 0)]).toEqual(["2027-01", "2026-12", "2026-03"]);
});
