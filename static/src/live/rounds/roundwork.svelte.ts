/** The rounds, visits and reports of a phone: what the server told last, kept for a start without a network, and what was given since. */

import { createContext } from "svelte";
import type { AppState } from "../app.svelte";
import type { CommandName, Said } from "../../wire/commands";
import type { PatrolRound, PatrolRoute } from "../../wire/rounds";
import { StoreProblem } from "../field/store";
import { ageOf, type Fix, freshFix } from "../fix";
import { roundsAfter, type VisitShown, visitsAfter } from "./projected";

const KEPT = "rounds";
type Kept = { routes: readonly PatrolRoute[]; rounds: readonly PatrolRound[]; visits: readonly VisitShown[] };

/** Commands whose answer changes the record. */
const OF_ROUNDS: ReadonlySet<CommandName> = new Set(["start_round", "check_in", "leave_out", "end_round", "visit"]);

export type RoundParts = { rounds: Pick<AppState["rounds"], "ownRoutes" | "ofDay" | "visits">; field: Pick<AppState["field"], "give" | "given" | "done" | "store">; geolocation: Geolocation | undefined };

export class RoundWork {
  readonly #parts: RoundParts;
  #told = $state.raw<Kept>({ routes: [], rounds: [], visits: [] });
  fix = $state.raw<Fix | null>(null);
  /** The phone is asked where it is, or a command is being kept. */
  waiting = $state(false);
  /** The phone did not say where it is. */
  lost = $state(false);

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  readonly #given = $derived.by(() => this.#parts.field.given.map(({ line }) => line));
  readonly routes = $derived(this.#told.routes);
  readonly #sent = $derived.by(() => new Set(this.#parts.field.done.map(({ line }) => line.id)));
  readonly rounds = $derived(roundsAfter(this.#told.rounds, this.#told.routes, this.#given, this.#sent));
  /** The round that is going on; the last one that has ended. */
  readonly going = $derived(this.rounds.find(({ ended_at }) => ended_at === null) ?? null);
  readonly last = $derived(this.rounds.find(({ ended_at }) => ended_at !== null) ?? null);
  readonly visits = $derived(visitsAfter(this.#told.visits, this.#given));
  /** Changes with each answer about rounds: then the record is to be fetched anew. */
  readonly answered = $derived.by(() => this.#parts.field.done.findLast(({ line }) => OF_ROUNDS.has(line.command))?.line.id ?? "");

  /** Shows what was kept, until the server answers. */
  async restore(): Promise<void> {
    const kept = (await (await this.#parts.field.store())?.read(KEPT).catch(() => undefined)) as Kept | undefined;
    if (kept && !this.#told.routes.length) this.#told = kept;
  }

  async refresh(): Promise<void> {
    const { rounds, field } = this.#parts;
    const found = await Promise.all([rounds.ownRoutes(), rounds.ofDay(), rounds.visits()]).catch(() => null);
    if (!found) return;
    const [routes, day, visits] = found;
    this.#told = { routes: routes.items, rounds: day.items, visits: visits.items.map(({ id, kind, count }) => ({ id, kind, count })) };
    await (await field.store())?.keep(KEPT, $state.snapshot(this.#told)).catch(() => undefined);
  }

  async start(route: number): Promise<void> {
    await this.#give("start_round", { route });
    await this.locate();
  }

  /** Asks the phone anew where it is. */
  async locate(): Promise<Fix | null> {
    this.waiting = true;
    this.fix = (await freshFix(this.#parts.geolocation)) ?? null;
    this.waiting = false;
    return this.fix;
  }

  /** Reports a point from where the phone is now. */
  async reportPlace(point: string): Promise<void> {
    const fix = await this.locate();
    this.lost = fix === null;
    if (fix) await this.#ofRound("check_in", { point, ...stated(fix) });
  }

  /** Reports a point by the code of its slip, with the position where the phone has one. */
  async reportCode(point: string, code: string): Promise<void> {
    this.lost = false;
    const fix = await this.locate();
    await this.#ofRound("check_in", { point, code, ...(fix ? stated(fix) : {}) });
  }

  async leaveOut(point: string, reason: string): Promise<void> {
    this.lost = false;
    await this.#ofRound("leave_out", { point, reason });
  }

  async end(): Promise<void> {
    await this.#ofRound("end_round", {});
  }

  async visit(said: { grid: string; kind: VisitShown["kind"]; count: number; matter: string }): Promise<boolean> {
    return this.#give("visit", said);
  }

  /** Reports an incident from where the phone is; `lost` where it does not say, and no place is given in words. */
  async report(said: { category: string; title: string; description: string; address: string }): Promise<"kept" | "lost" | "unkept"> {
    const fix = await this.locate();
    if (!fix && !said.address) return "lost";
    const given = Object.fromEntries(Object.entries(said).filter(([, words]) => words));
    return (await this.#give("report", { ...given, ...(fix ? stated(fix) : {}) })) ? "kept" : "unkept";
  }

  async #ofRound(command: CommandName, said: Said): Promise<void> {
    if (this.going) await this.#give(command, { round: this.going.id, ...said });
  }

  /** Keeps a command, and returns whether it could: the strip of unsent entries says what the storage lacks. */
  async #give(command: CommandName, said: Said): Promise<boolean> {
    if (this.waiting) return false;
    this.waiting = true;
    try {
      await this.#parts.field.give(command, said);
      return true;
    } catch (problem) {
      if (!(problem instanceof StoreProblem)) throw problem;
      return false;
    } finally {
      this.waiting = false;
    }
  }
}

const stated = (fix: Fix): Said => ({ lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, age_s: ageOf(fix, Date.now()) });

export const [useRounds, provideRounds] = createContext<RoundWork>();
