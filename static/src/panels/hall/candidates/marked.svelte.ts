/** The forces marked to be sent in one go, each with its role. */

import { ROLES } from "../../../live/roles";
import type { Role, Task } from "../../../wire/types";

export type Mark = { force: number; name: string; role: Role };
/** A force that was not sent, and the error code of the refusal. */
export type Refusal = { force: number; name: string; code: string };

type Led = readonly Pick<Task, "role">[];

export class Marked {
  #marks = $state.raw<readonly Mark[]>([]);

  /** The lead first, as they are sent. */
  readonly list = $derived([...this.#marks].sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role)));

  of(force: number): Mark | undefined {
    return this.#marks.find((mark) => mark.force === force);
  }

  /** The role of the next one to be marked: to lead if nobody does or will, else to support. */
  nextRole(tasks: Led): Role {
    return [...tasks, ...this.#marks].some(({ role }) => role === "lead") ? "support" : "lead";
  }

  toggle({ force, name }: Pick<Mark, "force" | "name">, role: Role): void {
    if (this.of(force)) this.remove(force);
    else this.#set({ force, name, role });
  }

  /** Gives a marked force a role. Whoever was to lead supports from then on: one leads. */
  setRole(force: number, role: Role): void {
    const mark = this.of(force);
    if (mark) this.#set({ ...mark, role });
  }

  remove(force: number): void {
    this.#marks = this.#marks.filter((mark) => mark.force !== force);
  }

  clear(): void {
    this.#marks = [];
  }

  #set(mark: Mark): void {
    const yielding = (one: Mark): Mark => (mark.role === "lead" && one.role === "lead" ? { ...one, role: "support" } : one);
    const others = this.#marks.map(yielding);
    const known = others.some((one) => one.force === mark.force);
    this.#marks = known ? others.map((one) => (one.force === mark.force ? mark : one)) : [...others, mark];
  }
}
