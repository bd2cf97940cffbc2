/** Who may urge 催办 or circulate 通报, by the place's flow. Pure. */

import type { Flow } from "../../wire/cases";

export type MoveName = "urge" | "circulate";

/** The codes of the roles that may make a kind of move. */
export function rolesFor(flow: Flow | null, kind: MoveName): string[] {
  return [...new Set((flow?.moves ?? []).filter((move) => move.kind === kind).flatMap((move) => move.by))];
}

/** Whether an account's role can never make the move: the pack gives it to none of its roles. */
export function isBarred(flow: Flow | null, kind: MoveName, role: string): boolean {
  const roles = (flow?.roles ?? []).filter(({ code }) => rolesFor(flow, kind).includes(code));
  return flow !== null && !roles.some(({ access }) => access.length === 0 || access.includes(role));
}
