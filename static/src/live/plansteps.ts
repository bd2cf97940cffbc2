/** The steps that a plan can take next, and why somebody may not take one. Pure. */

import type { PlanDetails, PlanState } from "../wire/plans";

export const STEPS = ["submit", "approve", "return", "publish", "unpublish", "withdraw"] as const;
export type Step = (typeof STEPS)[number];

/** Steps of each state, the one that leads on first. */
const NEXT: Readonly<Record<PlanState, readonly Step[]>> = {
  draft: ["submit", "withdraw"],
  returned: ["submit", "withdraw"],
  submitted: ["approve", "return", "withdraw"],
  approved: ["publish", "withdraw"],
  scheduled: ["unpublish", "withdraw"],
  published: ["unpublish"],
  withdrawn: [],
};

export type Offer = { step: Step; why: { code: string; params: Record<string, unknown> } | null };

/** What can be done with a plan in its state; `why` says why this account may not. */
export function offersOf({ state, may, may_not }: Pick<PlanDetails, "state" | "may" | "may_not">): Offer[] {
  const not = may_not as Readonly<Record<string, Offer["why"]>>;
  return NEXT[state].map((step) => ({ step, why: may.includes(step) ? null : (not[step] ?? { code: "plan.state", params: {} }) }));
}

/** A return says why; other steps may. */
export function needsNote(step: Step): boolean {
  return step === "return";
}
