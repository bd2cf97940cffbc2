/** Who holds the posts of units, and the words for their titles: asked once for each unit. */

import { named } from "../i18n/index.svelte";
import type { CaseCalls, Register, StaffPost } from "../wire/cases";
import { ApiError } from "../wire/client";

export type PostChoice = { id: string; label: string; unit: string; title: string; specialities: readonly string[] };

export class Posts {
  readonly #calls: Pick<CaseCalls, "posts" | "register">;
  /** Posts by unit; null while they are fetched. */
  #of = $state.raw<ReadonlyMap<string, readonly StaffPost[] | null>>(new Map());
  #register = $state.raw<Pick<Register, "kinds" | "titles"> | null>(null);
  #loading: Promise<void> | null = null;

  constructor(calls: Pick<CaseCalls, "posts" | "register">) {
    this.#calls = calls;
  }

  /** Fetches the register's words once, for the kinds that are pools and the titles. */
  load(): Promise<void> {
    this.#loading ??= this.#calls.register().then(
      (found) => void (this.#register = found),
      (problem: unknown) => {
        this.#loading = null;
        if (!(problem instanceof ApiError)) throw problem;
      },
    );
    return this.#loading;
  }

  /** Fetches the posts of units that are not known yet. */
  async fetch(units: readonly string[]): Promise<void> {
    await Promise.all([this.load(), ...units.filter((unit) => !this.#of.has(unit)).map((unit) => this.#fetch(unit))]);
  }

  async #fetch(unit: string): Promise<void> {
    this.#keep(unit, null);
    try {
      this.#keep(unit, (await this.#calls.posts(unit)).items);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      // A centre without a register has no posts, and not everybody may read them; what failed otherwise is asked again.
      if (problem.status === 404 || problem.status === 403) return this.#keep(unit, []);
      const rest = new Map(this.#of);
      rest.delete(unit);
      this.#of = rest;
    }
  }

  #keep(unit: string, found: readonly StaffPost[] | null): void {
    this.#of = new Map(this.#of).set(unit, found);
  }

  /** Whether everything about these units has been answered. */
  known(units: readonly string[]): boolean {
    return this.#register !== null && units.every((unit) => Array.isArray(this.#of.get(unit)));
  }

  isPool(kind: string): boolean {
    return this.#register?.kinds.some((one) => one.code === kind && one.pool) ?? false;
  }

  of(unit: string): PostChoice[] {
    return (this.#of.get(unit) ?? []).map((post) => this.#choice(post));
  }

  /** A post of any unit that is known. */
  get(id: string): PostChoice | undefined {
    const found = [...this.#of.values()].flatMap((posts) => posts ?? []).find((post) => String(post.id) === id);
    return found && this.#choice(found);
  }

  #choice({ id, person, unit, title, specialities }: StaffPost): PostChoice {
    const names = this.#register?.titles.find((one) => one.code === title)?.names as { zh: string; en: string } | undefined;
    return { id: String(id), label: person, unit, title: named(names) || title, specialities };
  }
}
