import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../wire/client";
import type { Proposal } from "../wire/planning";
import { Evening } from "./evening.svelte";

const told = (state: string, more: object = {}) => ({ id: "p-1", plan: 7, state, alternatives: [], ...more }) as unknown as Proposal;
const started = () => Promise.resolve({ id: "p-1" });
const wish = { level: "grid", division: "d1" };
const at_once = () => Promise.resolve();

describe("a proposal", () => {
  it("is watched until it is done, and an alternative is chosen of it", async () => {
    const states = [told("waiting"), told("running"), told("done", { alternatives: [{ operation: { op: "batch" } }] })];
    const proposal = vi.fn(() => Promise.resolve(states.shift()!));
    const evening = new Evening({ propose: started, proposal, cancelProposal: vi.fn() }, at_once);
    await evening.ask({ id: 7, version: 2 }, wish);
    expect([proposal.mock.calls.length, evening.running]).toEqual([3, false]);
    evening.chosen = 0;
    expect(evening.alternative?.operation).toEqual({ op: "batch" });
  });

  it("that is cancelled is not watched any more", async () => {
    let wake = () => undefined as void;
    const proposal = vi.fn(() => Promise.resolve(told("running")));
    const evening = new Evening(
      { propose: started, proposal, cancelProposal: () => Promise.resolve(told("cancelled")) },
      () => new Promise<void>((go) => (wake = go)),
    );
    const watching = evening.ask({ id: 7, version: 2 }, wish);
    await vi.waitFor(() => expect(evening.proposal?.state).toBe("running"));
    await evening.cancel();
    wake();
    await watching;
    expect([evening.proposal?.state, proposal.mock.calls.length]).toEqual(["cancelled", 1]);
  });

  it("that the server does not keep any more says so", async () => {
    const gone = new ApiError(404, "plan.proposal_gone");
    const evening = new Evening({ propose: started, proposal: () => Promise.reject(gone), cancelProposal: vi.fn() }, at_once);
    await evening.ask({ id: 7, version: 2 }, wish);
    expect([evening.problem, evening.running]).toEqual(["plan.proposal_gone", false]);
  });
});
