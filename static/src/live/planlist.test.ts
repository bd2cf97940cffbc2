import { describe, expect, it } from "vitest";
import type { Plan, PlanState } from "../wire/plans";
import { firstGroup, groupsOf, inOrder, isIn } from "./planlist";
import { needsNote, offersOf } from "./plansteps";

const plan = (id: number, state: PlanState, created_by = 1): Plan =>
  ({ id, state, created_by, changed_at: `2026-03-0${id}T00:00:00Z` }) as Plan;
const planner = { id: 1, reviews: false };
const chief = { id: 2, reviews: true };

describe("the plans in groups", () => {
  const plans = [plan(1, "draft"), plan(2, "submitted"), plan(3, "scheduled"), plan(4, "submitted", 2), plan(5, "withdrawn")];

  it("show a reviewer what waits, but not what the reviewer has made", () => {
    expect(plans.filter((one) => isIn("review", one, chief)).map(({ id }) => id)).toEqual([2]);
    expect(firstGroup(plans, chief)).toBe("review");
  });

  it("have no group of reviews for those who review nothing", () => {
    expect(groupsOf(plans, planner).map(({ group, n }) => [group, n])).toEqual([
      ["mine", 3], ["approved", 0], ["published", 1], ["withdrawn", 1], ["all", 5],
    ]);
    expect(firstGroup(plans, planner)).toBe("mine");
    expect(firstGroup([plan(4, "submitted", 9)], planner)).toBe("all");
  });

  it("begin with what is in hand, the newest first", () => {
    expect(inOrder(plans).map(({ id }) => id)).toEqual([4, 2, 1, 5, 3]);
  });
});

describe("the steps of a plan", () => {
  const why = { code: "plan.own_review", params: {} };

  it("say why each step of the state may not be taken, and leave out those of other states", () => {
    const offers = offersOf({ state: "submitted", may: ["withdraw"], may_not: { approve: why, return: why, publish: why } as never });
    expect(offers).toEqual([{ step: "approve", why }, { step: "return", why }, { step: "withdraw", why: null }]);
  });

  it("end with a withdrawn plan, and ask for a reason to return one", () => {
    expect(offersOf({ state: "withdrawn", may: [], may_not: {} as never })).toEqual([]);
    expect([needsNote("return"), needsNote("approve")]).toEqual([true, false]);
  });
});
