/** The plans in groups, as planners and reviewers look for them. Pure. */

import type { Plan, PlanState } from "../wire/plans";

export const GROUPS = ["mine", "review", "approved", "published", "withdrawn", "all"] as const;
export type Group = (typeof GROUPS)[number];

export type Reader = { id: number; reviews: boolean };

const IN_HAND: readonly PlanState[] = ["draft", "returned", "submitted"];

/** Whether a plan belongs to a group, for a reader. A plan may belong to several. */
export function isIn(group: Group, plan: Pick<Plan, "state" | "created_by">, reader: Reader): boolean {
  switch (group) {
    case "mine":
      return plan.created_by === reader.id && plan.state !== "withdrawn";
    case "review":
      return reader.reviews && plan.state === "submitted" && plan.created_by !== reader.id;
    case "approved":
      return plan.state === "approved";
    case "published":
      return plan.state === "scheduled" || plan.state === "published";
    case "withdrawn":
      return plan.state === "withdrawn";
    case "all":
      return true;
  }
}

/** Groups that a reader has any use for, each with its number. */
export function groupsOf(plans: readonly Plan[], reader: Reader): { group: Group; n: number }[] {
  const wanted = GROUPS.filter((group) => group !== "review" || reader.reviews);
  return wanted.map((group) => ({ group, n: plans.filter((plan) => isIn(group, plan, reader)).length }));
}

/** The group that is shown until somebody chooses: what waits for the reader's review, else the reader's own, else all. */
export function firstGroup(plans: readonly Plan[], reader: Reader): Group {
  return (["review", "mine"] as const).find((group) => plans.some((plan) => isIn(group, plan, reader))) ?? "all";
}

/** In hand first, then by the last change, the newest first. */
export function inOrder(plans: readonly Plan[]): Plan[] {
  const rank = ({ state }: Plan) => Number(!IN_HAND.includes(state));
  return plans.toSorted((a, b) => rank(a) - rank(b) || b.changed_at.localeCompare(a.changed_at) || b.id - a.id);
}
