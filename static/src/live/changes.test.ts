import { expect, it } from "vitest";
import type { Changes, EarlyWarning } from "../wire/changes";
import { ApiError } from "../wire/client";
import { ChangesView, changePerDay, frequent } from "./changes.svelte";

const warning = (id: number): EarlyWarning => ({ id, week_end: "2026-03-01", category: "dispute.labour", division: "1", division_name: "West", weeks: 1, count: 14, expected: 5, told_from: 13, q: 0.0001, told: true, answer: null, note: null, answered_at: null, answerer: null, version: 1, cases: `/api/early-warnings/${id}/incidents` });

const changes = (warnings: EarlyWarning[]): Changes => ({ warnings }) as unknown as Changes;

it("compares by worked days: a month with a festival is no fall", () => {
  expect(changePerDay(300, 400, 15, 20)).toBeCloseTo(0);
  expect(changePerDay(30, 0, 15, 20)).toBeNull();
  expect(changePerDay(30, 20, 0, 20)).toBeNull();
});

it("leaves out kinds that had nothing lately", () => {
  const kind = (category: string, now: number, before: number) => ({ category, now, before, year_ago: 9 });
  expect(frequent([kind("a", 3, 0), kind("b", 0, 0), kind("c", 0, 1)]).map(({ category }) => category)).toEqual(["a", "c"]);
});

it("opens the first warning, and shows who answered when somebody was faster", async () => {
  const answered = { ...warning(1), answer: "real" as const, answerer: "chen" };
  let listed = [warning(1), warning(2)];
  const calls = {
    all: () => Promise.resolve(changes(listed)),
    behind: () => Promise.resolve({ items: [], next: null }),
    answer: () => ((listed = [answered]), Promise.reject(new ApiError(409, "early_warning.answered", { answerer: "chen" }))),
  };
  const view = new ChangesView({ changes: calls });
  await view.start();
  expect(view.chosen?.id).toBe(1);
  expect(view.incidents).toEqual([]);
  expect(await view.answer({ answer: "chance", note: "nothing" })).toBe(false);
  expect(view.refused?.status).toBe(409);
  expect(view.all.value?.warnings).toEqual([answered]);
});
