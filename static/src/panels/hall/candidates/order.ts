/** The list of proposed forces as it stands under the operator's hand. Pure. */

import type { Candidate, Candidates } from "../../../wire/types";

/** Takes in fresh candidates without moving a row: a digit keeps its force. Rows that are no longer proposed stay as they
 * were, new ones go to the end. */
export function keepRows(shown: Candidates | null, fresh: Candidates): Candidates {
  if (!shown) return fresh;
  const byForce = new Map(fresh.candidates.map((one) => [one.force, one]));
  const kept = shown.candidates.map((one) => byForce.get(one.force) ?? one);
  const known = new Set(kept.map((one) => one.force));
  return { ...fresh, candidates: [...kept, ...fresh.candidates.filter((one) => !known.has(one.force))] };
}

/** Whether a fresh list would begin with other forces than the one that is shown. */
export function isOutOfOrder(shown: readonly Candidate[], fresh: readonly Candidate[]): boolean {
  return fresh.slice(0, 3).some((one, index) => one.force !== shown[index]?.force);
}
