/** The candidates in the operator's hand: the chosen one, those marked beside it, and their roles. */

import { isLed, nextRole, ROLES } from "../../../live/roles";
import type { Candidates, Role } from "../../../wire/types";
import { Marked, type Mark } from "./marked.svelte";
import type { OpenedIncident } from "../opened.svelte";
import type { Listing } from "./listing.svelte";

export type SelectionParts = {
  shown: OpenedIncident;
  listing: Listing;
  candidates: () => Candidates | null;
  /** Why a force cannot go any more; null where it can. */
  takenReason: (force: number) => string | null;
  onPick: () => void;
};

export class Selection {
  readonly #parts: SelectionParts;
  /** Index of the chosen candidate. -1 where forces are on the incident already, until one is picked. */
  choice = $state(0);
  /** The role in which the chosen candidate is dispatched. */
  role = $state<Role>("lead");
  pickedByHand = $state(false);
  readonly marked = new Marked();

  constructor(parts: SelectionParts) {
    this.#parts = parts;
  }

  readonly chosen = $derived.by(() => this.#parts.candidates()?.candidates[this.choice] ?? null);

  /** What `D` sends: the marked forces, or the chosen one. */
  readonly toSend = $derived.by((): readonly Mark[] => {
    if (this.marked.list.length) return this.marked.list;
    return this.chosen ? [{ force: this.chosen.force, name: this.chosen.name, role: this.role }] : [];
  });

  /** Chooses the candidate at an index. One that is not marked is chosen alone. */
  choose(index: number): void {
    const candidate = this.#parts.candidates()?.candidates[index];
    if (candidate && !this.marked.of(candidate.force)) this.marked.clear();
    this.#pick(index);
  }

  /** Marks the candidate at an index to be sent with others, or unmarks it. The one that is chosen already goes along, as
   * in any list that one adds to. */
  mark(index: number): void {
    const candidate = this.#parts.candidates()?.candidates[index];
    if (!candidate) return;
    const { marked, chosen } = this;
    const { shown, takenReason } = this.#parts;
    const begins = marked.list.length === 0;
    const wasMarked = marked.of(candidate.force) !== undefined;
    if (!wasMarked && takenReason(candidate.force) !== null) return;
    this.#pick(index);
    if (wasMarked) return marked.remove(candidate.force);
    const alone = !chosen || chosen.force === candidate.force || takenReason(chosen.force) !== null;
    if (begins && !alone) marked.toggle(chosen, this.role);
    marked.toggle(candidate, begins && alone ? this.role : marked.nextRole(shown.tasks));
  }

  /** The role in which a candidate goes, marked or chosen. */
  roleOf(force: number): Role {
    return this.marked.of(force)?.role ?? this.role;
  }

  setRole(force: number, role: Role): void {
    if (this.marked.of(force)) this.marked.setRole(force, role);
    else this.role = role;
  }

  /** Gives the chosen candidate the next role that it may have. */
  turnRole(): void {
    if (!this.chosen) return;
    const open = ROLES.filter((role) => role !== "lead" || !isLed(this.#parts.shown.tasks));
    const at = open.indexOf(this.roleOf(this.chosen.force) as (typeof open)[number]);
    this.setRole(this.chosen.force, open[(at + 1) % open.length] as Role);
  }

  /** Chooses the first candidate to lead, where nobody is on the incident; else none. */
  proposeFirst(): void {
    this.choice = this.#parts.shown.tasks.length ? -1 : 0;
    this.role = this.#nextRole();
    this.pickedByHand = false;
  }

  /** Keeps the chosen force among new candidates, also one that can go no more: it is never replaced silently. What was
   * sent is chosen no more, and what was only proposed gives way to a colleague's. */
  keep(force: number | undefined): void {
    const { tasks } = this.#parts.shown;
    const sent = tasks.some((task) => task.force === force);
    if (sent || (!this.pickedByHand && (tasks.length > 0 || force === undefined))) this.proposeFirst();
    else this.choice = this.#parts.candidates()?.candidates.findIndex((candidate) => candidate.force === force) ?? -1;
  }

  #pick(index: number): void {
    const { shown, candidates, onPick } = this.#parts;
    if (!candidates()?.candidates[index]) return;
    const leadIsTaken = this.role === "lead" && isLed(shown.tasks);
    if (!this.pickedByHand || leadIsTaken) this.role = this.#nextRole();
    this.choice = index;
    this.pickedByHand = true;
    onPick();
    shown.seeNews();
  }

  /** The role that the list is for, unless another force has taken it. */
  #nextRole(): Role {
    const { listing, shown } = this.#parts;
    const { role } = listing;
    return role === null || (role === "lead" && isLed(shown.tasks)) ? nextRole(shown.tasks) : role;
  }
}
