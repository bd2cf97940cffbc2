import { describe, expect, it } from "vitest";
import { at, NOW } from "../testing/bodies";
import { byNeed, standingOf } from "./caseclock";

const clock = (from: number, due: number, more: object = {}) => ({ started_at: at(from), due_at: at(due), warn_at: null, paused_at: null, ...more });

describe("a clock of a case", () => {
  it.each([
    [clock(-60, 60), "within", 60, 0.5],
    [clock(-90, 10), "soon", 10, 0.1],
    [clock(-90, -1), "late", -1, 0],
    [clock(-60, 60, { warn_at: at(-1) }), "soon", 60, 0.5],
    [clock(-90, 10, { warn_at: at(5) }), "within", 10, 0.1],
    [clock(-60, 60, { paused_at: at(-30) }), "paused", 90, 0.75],
    [clock(-60, -10, { paused_at: at(-30) }), "paused", 20, 0.4],
  ])("%#: %j stands %s", (given, state, minutes, share) => {
    expect(standingOf(given, NOW)).toEqual({ state, leftMs: minutes * 60_000, share });
  });

  it("comes before those that are due later, and before any that is paused", () => {
    const [late, next, paused] = [clock(-90, -1), clock(-9, 5), clock(-9, -5, { paused_at: at(-6) })];
    expect(byNeed([paused, next, late])).toEqual([late, next, paused]);
  });
});
