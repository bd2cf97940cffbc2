/** Roles of forces on an incident: 主办 lead, 协办 support, 列席 observer. Pure. */

import type { Role, Task, TaskStatus, TaskStep } from "../wire/types";

/** In the order in which screens list them. */
export const ROLES = ["lead", "support", "observer"] as const satisfies readonly Role[];

/** The lead first, then by role in the order of dispatch. */
export function byRole(a: Pick<Task, "id" | "role">, b: Pick<Task, "id" | "role">): number {
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.id - b.id;
}

/** Whether one of these active tasks leads. */
export function isLed(tasks: readonly Pick<Task, "role">[]): boolean {
  return tasks.some(({ role }) => role === "lead");
}

/** The role of the next force: to lead if nobody does, else to support. */
export function nextRole(tasks: readonly Pick<Task, "role">[]): Role {
  return isLed(tasks) ? "support" : "lead";
}

/** Whether its force has let the time to answer pass. */
export function isUnanswered(task: Pick<Task, "status" | "warned_at">): boolean {
  return task.status === "assigned" && task.warned_at !== null;
}

/** The step that a force takes next with its task, by the task's status. */
export const NEXT_STEP: Partial<Record<TaskStatus, Extract<TaskStep, "accept" | "depart" | "arrive" | "finish">>> = {
  assigned: "accept",
  accepted: "depart",
  departed: "arrive",
  arrived: "finish",
};
