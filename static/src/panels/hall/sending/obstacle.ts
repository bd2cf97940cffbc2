/** Why `D` sends nobody, and why nobody is listed. Pure. */

import { isLed } from "../../../live/roles";
import type { Excluded, Task } from "../../../wire/types";
import type { Mark } from "../candidates/marked.svelte";

/** `pick`: forces are on the incident, and none was picked beside them. `gone`: what was chosen can go no more. */
export type Obstacle = { code: "choose" | "pick" | "lead_taken" } | { code: "gone"; name: string; why: string };

export type Hand = {
  tasks: readonly Pick<Task, "role">[];
  toSend: readonly Mark[];
  pickedByHand: boolean;
  /** A code of `excluded`; null where the force can go. */
  takenReason: (force: number) => string | null;
};

export function obstacleOf({ tasks, toSend, pickedByHand, takenReason }: Hand): Obstacle | null {
  const first = toSend[0];
  // What a colleague does meanwhile changes no meaning under the hand: another pick is needed.
  if (tasks.length > 0 && (!first || !pickedByHand)) return { code: "pick" };
  if (!first) return { code: "choose" };
  if (isLed(tasks) && toSend.some(({ role }) => role === "lead")) return { code: "lead_taken" };
  const why = takenReason(first.force);
  return why !== null && toSend.every(({ force }) => takenReason(force) !== null) ? { code: "gone", name: first.name, why } : null;
}

/** Why nobody can be sent, by those who cannot: the first of these that is true of anybody, else nobody is near. */
const REASONS = ["busy", "on_leave", "off_duty", "declined"] as const;
const PRESENT = "sent";

export type Lack = (typeof REASONS)[number] | "not_right" | "near";

export function lackOf(excluded: readonly Pick<Excluded, "code">[]): Lack {
  const codes = new Set(excluded.map(({ code }) => code));
  codes.delete(PRESENT);
  return REASONS.find((code) => codes.has(code)) ?? (codes.size > 0 ? "not_right" : "near");
}
