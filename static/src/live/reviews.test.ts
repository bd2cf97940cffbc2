import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../wire/client";
import type { KeptCommand } from "../wire/reviews";
import { isRestorable, Reviews } from "./reviews.svelte";

const kept = (id: string, status: KeptCommand["status"], more: Partial<KeptCommand> = {}) =>
  ({ id, status, command: "finish", task_status: "finished", received_at: "2026-03-02T02:00:00Z", ...more }) as KeptCommand;

describe("what waits for review", () => {
  it("stands with the outcomes to choose from first, and what only waits behind another uncounted", async () => {
    const items = [kept("a", "waiting"), kept("b", "refused"), kept("c", "review")];
    const reviews = new Reviews({ list: () => Promise.resolve({ items, next: null }), decide: () => Promise.reject(new Error("not asked")) });
    await reviews.refresh();
    expect([reviews.items.map(({ id }) => id), reviews.open, reviews.failed]).toEqual([["c", "b", "a"], 2, false]);
  });

  it("is decided once however often it is pressed, and asked for anew where a colleague was faster", async () => {
    let items = [kept("c", "review")];
    const decide = vi.fn(() => {
      items = [];
      return Promise.reject(new ApiError(409, "command.settled"));
    });
    const reviews = new Reviews({ list: () => Promise.resolve({ items, next: null }), decide });
    await reviews.refresh();
    const one = reviews.items[0] as KeptCommand;
    await Promise.all([reviews.decide(one, "restore"), reviews.decide(one, "restore")]);
    expect([decide.mock.calls.length, reviews.problem, reviews.items, reviews.sending]).toEqual([1, "command.settled", [], null]);
  });

  it("offers to restore another outcome of a finished task only", () => {
    expect([kept("a", "review"), kept("b", "refused"), kept("c", "review", { task_status: "recalled" }), kept("d", "review", { command: "arrive" })].map(isRestorable)).toEqual([true, false, false, false]);
  });
});
