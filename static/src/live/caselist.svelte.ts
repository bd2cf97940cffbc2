/** A list of cases, fetched, and fetched again when one of them changes. */

import type { CaseCalls, CaseItem, CasesQuery } from "../wire/cases";
import { ApiError } from "../wire/client";

/** Events come in bursts; one fetch follows each. */
const GATHER_MS = 400;
const RETRY_MS = 4000;

export class CaseList {
  readonly #calls: Pick<CaseCalls, "cases">;
  /** Null until the first answer. */
  items = $state.raw<readonly CaseItem[] | null>(null);
  failed = $state(false);
  #query: CasesQuery;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(calls: Pick<CaseCalls, "cases">, query: CasesQuery) {
    this.#calls = calls;
    this.#query = query;
  }

  /** Asks for other cases; those of the last question are no longer shown. */
  ask(query: CasesQuery): Promise<void> {
    this.#query = query;
    this.items = null;
    return this.refresh();
  }

  /** Of answers that cross, that to the last question counts. A failed question is asked again until it is answered. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const { items } = await this.#calls.cases(this.#query);
      if (asked !== this.#asked) return;
      this.items = items;
      this.failed = false;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (asked !== this.#asked) return;
      this.failed = true;
      this.#later(RETRY_MS);
    }
  }

  /** Something has changed: fetch soon. */
  changed(): void {
    this.#later(GATHER_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.refresh(), ms);
  }
}

/** Late ones first, then those that are due next; those without a running limit last. A limit that no pause stops runs on. */
export function byDue<Item extends Pick<CaseItem, "id" | "due_at">>(items: readonly Item[]): Item[] {
  const rank = (item: Item) => (item.due_at === null ? Infinity : Date.parse(item.due_at));
  const order = (a: number, b: number) => (a === b ? 0 : a - b);
  return [...items].sort((a, b) => order(rank(a), rank(b)) || a.id - b.id);
}
