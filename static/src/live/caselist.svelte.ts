/** A list of cases, fetched, and fetched again when one of them changes. */

import type { CaseCalls, CaseItem, CasesQuery } from "../wire/cases";
import { Fetched } from "./fetched.svelte";

type Calls = Pick<CaseCalls, "cases">;

const itemsOf = async (calls: Calls, query: CasesQuery): Promise<readonly CaseItem[]> => (await calls.cases(query)).items;

export class CaseList extends Fetched<readonly CaseItem[]> {
  readonly #calls: Calls;

  constructor(calls: Calls, query: CasesQuery) {
    super(() => itemsOf(calls, query));
    this.#calls = calls;
  }

  /** Null until the first answer. */
  get items(): readonly CaseItem[] | null {
    return this.value;
  }

  /** Asks for other cases; those of the last question are no longer shown. */
  askFor(query: CasesQuery): Promise<void> {
    return this.ask(() => itemsOf(this.#calls, query));
  }
}

/** Late ones first, then those that are due next; those without a running limit last. A limit that no pause stops runs on. */
export function byDue<Item extends Pick<CaseItem, "id" | "due_at">>(items: readonly Item[]): Item[] {
  const rank = (item: Item) => (item.due_at === null ? Infinity : Date.parse(item.due_at));
  const order = (a: number, b: number) => (a === b ? 0 : a - b);
  return [...items].sort((a, b) => order(rank(a), rank(b)) || a.id - b.id);
}
