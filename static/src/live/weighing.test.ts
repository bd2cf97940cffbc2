/** Weights that are tried: what is asked for, and the text for the pack. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../wire/client";
import type { Weight, WhatIf, WhatIfQuestion } from "../wire/weighing";
import { packLines, termsOf, Weighing } from "./weighing.svelte";

const LOAD: Weight = { code: "load", terms: { task_today: 3 } };
const STALE: Weight = { code: "stale", terms: { stale_per_10_minutes: 2, stale_at_most: 20 } };
const answer = (changed: number) => ({ changed }) as WhatIf;

describe("the text for the pack", () => {
  it("has the terms of what differs, and nothing where nothing does", () => {
    expect(packLines([LOAD, STALE], { load: 0.5, stale: 1 })).toBe("[dispatch]\ntask_today = 1.5");
    expect(packLines([LOAD, STALE], { stale: 1.1 })).toBe("[dispatch]\nstale_per_10_minutes = 2.2\nstale_at_most = 22");
    expect(packLines([LOAD, STALE], { load: 1 })).toBe("");
    expect(termsOf({ code: "own_grid", terms: { own_grid: -3 } }, 0)).toEqual([["own_grid", 0]]);
  });
});

describe("weights that are tried", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function tried() {
    const whatIf = vi.fn<(question: WhatIfQuestion) => Promise<WhatIf>>(() => Promise.resolve(answer(1)));
    return { whatIf, weighing: new Weighing({ board: { whatIf }, span: (days) => ({ from: `${days}`, to: "0" }) }) };
  }

  it("are asked for once the slider rests, without those that are as they were", async () => {
    const { weighing, whatIf } = tried();
    for (const factor of [0.9, 0.8, 0.7]) weighing.weigh("load", factor);
    weighing.weigh("stale", 1);
    await vi.runAllTimersAsync();
    expect(whatIf.mock.calls).toEqual([[{ weights: { load: 0.7 }, from: "30", to: "0", scope: null }]]);
    expect(weighing.answer?.changed).toBe(1);
    weighing.reset();
    weighing.look({ days: 7, scope: "5" });
    await vi.runAllTimersAsync();
    expect(whatIf.mock.calls.slice(1)).toEqual([[{ weights: {}, from: "7", to: "0", scope: "5" }]]);
  });

  it("keep the last answer, whichever comes last, and say when there is none", async () => {
    const { weighing, whatIf } = tried();
    const waiting: ((found: WhatIf) => void)[] = [];
    whatIf.mockImplementation(() => new Promise((resolve) => waiting.push(resolve)));
    const asked = [weighing.ask(), weighing.ask()];
    waiting[1]?.(answer(2));
    waiting[0]?.(answer(1));
    await Promise.all(asked);
    expect([weighing.answer?.changed, weighing.asking]).toEqual([2, false]);
    whatIf.mockRejectedValue(new ApiError(0, "unreachable", {}));
    await weighing.ask();
    expect([weighing.failed, weighing.answer?.changed]).toEqual([true, 2]);
  });
});
