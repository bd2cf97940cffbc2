/** The proposal for all that wait: its rows, what the operator has changed in them, and what became of each. */

import type { AppState } from "../../../live/app.svelte";
import { isPlaced } from "../../../live/placed";
import { ROLES } from "../../../live/roles";
import type { DispatchProposal, Incident, ProposedTask } from "../../../wire/types";
import { codeOf } from "../actions.svelte";

/** As many as the server takes. */
export const MOST = 200;

export type SeveralParts = Pick<AppState, "pending" | "scenes"> & {
  calls: Pick<AppState["calls"], "proposeForAll" | "send">;
  waiting: () => readonly Incident[];
};

/** A unit that a row can send; `minutes` is null for one chosen by hand that a later proposal no longer prices. */
export type Unit = { force: number; name: string; minutes: number | null };

/** What became of a row: under way, sent, or the error code of the refusal. */
export type Outcome = "pending" | "sent" | { code: string };

export type Row = {
  key: string;
  proposed: ProposedTask;
  unit: Unit;
  /** The proposed unit and those that could go instead, without those of other rows. */
  units: readonly Unit[];
  ticked: boolean;
  /** Why the unit cannot go any more, as a code of `excluded`; null where it can. */
  taken: string | null;
  outcome: Outcome | null;
};

/** The key of each row: its place, whichever unit is proposed for it, so that a later proposal keeps what was changed. */
function keysOf(assignments: readonly ProposedTask[]): string[] {
  const seen = new Map<string, number>();
  return assignments.map(({ incident, slot }) => {
    const place = `${incident}:${slot}`;
    const nth = seen.get(place) ?? 0;
    seen.set(place, nth + 1);
    return `${place}:${nth}`;
  });
}

export class Several {
  readonly #parts: SeveralParts;
  found = $state.raw<DispatchProposal | null>(null);
  /** Error code of a proposal that was refused. */
  problem = $state<string | null>(null);
  loading = $state(false);
  /** Whether rows are being sent. */
  underWay = $state(false);
  /** How many wait beyond those asked for. */
  beyond = $state(0);
  /** What a change of closed roads did to this proposal: it was asked for again, or is as it was before; null without one. */
  roads = $state<"renewed" | "old" | null>(null);
  #asked: readonly number[] = [];
  #request = 0;
  #unticked = $state.raw<ReadonlySet<string>>(new Set());
  #changed = $state.raw<ReadonlyMap<string, Unit>>(new Map());
  #outcomes = $state.raw<ReadonlyMap<string, Outcome>>(new Map());

  constructor(parts: SeveralParts) {
    this.#parts = parts;
  }

  readonly rows = $derived.by((): readonly Row[] => {
    const assignments = this.found?.assignments ?? [];
    const keys = keysOf(assignments);
    const held = new Set(keys.flatMap((key) => this.#changed.get(key)?.force ?? []));
    const taken = new Set<number>();
    const units = assignments.map((one, index) => {
      const chosen = this.#changed.get(keys[index] ?? "");
      const able = unitsOf(one);
      const unit = chosen ? (able.find(({ force }) => force === chosen.force) ?? { ...chosen, minutes: null }) : (able.find(({ force }) => !held.has(force) && !taken.has(force)) ?? own(one));
      taken.add(unit.force);
      return unit;
    });
    return assignments.map((proposed, index) => {
      const key = keys[index] ?? "";
      const unit = units[index] ?? own(proposed);
      const able = unitsOf(proposed).filter(({ force }) => force === unit.force || !taken.has(force));
      return {
        key,
        proposed,
        unit,
        units: able.some(({ force }) => force === unit.force) ? able : [unit, ...able],
        ticked: !this.#unticked.has(key),
        taken: this.#takenReason(unit.force),
        outcome: this.#outcomes.get(key) ?? null,
      };
    });
  });

  /** The ticked rows that are not sent. */
  readonly #open = $derived(this.rows.filter(({ ticked, outcome }) => ticked && (outcome === null || typeof outcome === "object")));
  /** Of these, the rows whose unit can still go. */
  readonly toSend = $derived(this.#open.filter(({ taken }) => taken === null));
  /** The rows that are sent, or would be. */
  readonly going = $derived(this.rows.filter(({ ticked, taken, outcome }) => ticked && (taken === null || outcome === "sent" || outcome === "pending")));

  readonly totalMinutes = $derived(this.going.reduce((sum, { unit }) => sum + (unit.minutes ?? 0), 0));
  readonly savedMinutes = $derived(this.found ? this.found.greedy_minutes - this.found.total_minutes : 0);

  /** How many rows were sent, and refused; null before any was. */
  readonly done = $derived.by(() => {
    const outcomes = [...this.#outcomes.values()].filter((outcome) => outcome !== "pending");
    if (outcomes.length === 0 || this.underWay) return null;
    const sent = outcomes.filter((outcome) => outcome === "sent").length;
    return { sent, refused: outcomes.length - sent };
  });

  /** Asks for a proposal for all that wait now. */
  async ask(): Promise<void> {
    if (this.underWay || this.loading) return;
    const waiting = this.#parts.waiting().filter(isPlaced).map(({ id }) => id);
    this.#unticked = new Set();
    this.#changed = new Map();
    this.#outcomes = new Map();
    this.found = this.problem = this.roads = null;
    this.beyond = Math.max(0, waiting.length - MOST);
    this.#asked = waiting.slice(0, MOST);
    if (waiting.length === 0) return;
    this.loading = true;
    await this.#fetch((code) => (this.problem = code));
    this.loading = false;
  }

  /**
   * Roads were closed or opened: asks again for the same incidents. Rows keep what the operator has changed in them. Once
   * a row was sent, nothing moves under the hand: the sheet says that roads have changed.
   */
  async renew(): Promise<void> {
    if (!this.loading && !this.found) return;
    if (this.underWay || this.#outcomes.size > 0) {
      this.roads = "old";
      return;
    }
    const isShown = this.found !== null;
    const isFetched = await this.#fetch((code) => {
      if (isShown) this.roads = "old";
      else this.problem = code;
    });
    if (isFetched && isShown) this.roads = "renewed";
  }

  /** Fetches the proposal for those asked for. Returns whether it is shown: of several requests, the last one is. */
  async #fetch(onRefused: (code: string) => void): Promise<boolean> {
    const request = ++this.#request;
    try {
      const found = await this.#parts.calls.proposeForAll([...this.#asked]);
      if (request !== this.#request) return false;
      if (this.underWay || this.#outcomes.size > 0) {
        this.roads = "old";
        return false;
      }
      this.found = found;
      return true;
    } catch (problem) {
      const code = codeOf(problem);
      if (request === this.#request) onRefused(code);
      return false;
    }
  }

  tick(key: string, ticked: boolean): void {
    const rest = new Set(this.#unticked);
    if (ticked) rest.delete(key);
    else rest.add(key);
    this.#unticked = rest;
  }

  change({ key, units }: Row, force: number): void {
    const unit = units.find((one) => one.force === force);
    if (unit) this.#changed = new Map(this.#changed).set(key, unit);
  }

  /** Sends the ticked rows, those that lead first. Each is refused or sent by itself. */
  async confirm(): Promise<void> {
    if (this.underWay || this.toSend.length === 0) return;
    this.underWay = true;
    const rank = ({ proposed }: Row): number => ROLES.indexOf(proposed.role);
    for (const row of [...this.#open].sort((a, b) => rank(a) - rank(b))) await this.#send(row);
    this.underWay = false;
  }

  #takenReason(force: number): string | null {
    const { live } = this.#parts.scenes;
    if (live.busy.has(force)) return "busy";
    return live.force(force)?.duty === "off" ? "off_duty" : null;
  }

  async #send({ key, proposed, unit }: Row): Promise<void> {
    const { calls, pending } = this.#parts;
    const taken = this.#takenReason(unit.force);
    if (taken !== null) return this.#mark(key, { code: `force.${taken}` });
    this.#mark(key, "pending");
    pending.begin(proposed.incident);
    try {
      await calls.send(proposed.incident, unit.force, proposed.role);
      this.#mark(key, "sent");
    } catch (problem) {
      pending.end(proposed.incident);
      this.#mark(key, { code: codeOf(problem) });
    }
  }

  #mark(key: string, outcome: Outcome): void {
    this.#outcomes = new Map(this.#outcomes).set(key, outcome);
  }
}

function unitsOf(proposed: ProposedTask): Unit[] {
  return [own(proposed), ...proposed.others];
}

function own({ force, name, minutes }: ProposedTask): Unit {
  return { force, name, minutes };
}
