/** Which forces the panel lists: by role, words and kind, how many, and those chosen elsewhere. */

import type { CandidatesQuery } from "../../../wire/calls";
import type { Candidates, Excluded, Role } from "../../../wire/types";

/** As many as there are digits. */
export const FIRST = 9;
export const MORE = 100;

export class Listing {
  /** The role that the list is for. Null: to lead, or to support where another force leads. */
  role = $state<Role | null>(null);
  words = $state("");
  kind = $state("");
  limit = $state(FIRST);
  /** A force chosen by its mark on the map or elsewhere: it stays listed, however far down its place is. */
  pinned = $state<number | null>(null);
  /** The pinned force, where it cannot be sent. */
  refused = $state.raw<Excluded | null>(null);

  readonly query = $derived<CandidatesQuery>({
    limit: this.limit,
    ...(this.role && { role: this.role }),
    ...(this.words.trim() && { q: this.words.trim() }),
    ...(this.kind && { kind: this.kind }),
  });

  readonly narrowed = $derived(this.words.trim() !== "" || this.kind !== "");

  clear(): void {
    this.role = null;
    this.words = this.kind = "";
    this.limit = FIRST;
    this.unpin();
  }

  unpin(): void {
    this.pinned = this.refused = null;
  }

  /** Adds the pinned force to a list where it stands in neither part. `ask` fetches its own place. */
  async withPinned(found: Candidates, ask: (query: CandidatesQuery) => Promise<Candidates>): Promise<Candidates> {
    const id = this.pinned;
    this.refused = null;
    if (id === null || found.candidates.some((one) => one.force === id)) return found;
    const own = await ask({ force: id, ...(this.role && { role: this.role }) });
    if (this.pinned !== id) return found;
    this.refused = own.excluded.find((one) => one.force === id) ?? null;
    return { ...found, candidates: [...found.candidates, ...own.candidates.filter((one) => one.force === id)] };
  }
}
