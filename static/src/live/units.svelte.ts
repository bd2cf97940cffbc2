/** Units that can have a case: those whose area holds its place, and their names. */

import { named } from "../i18n/index.svelte";
import { ApiError } from "../wire/client";
import type { CaseCalls, Unit } from "../wire/cases";
import type { DivisionName } from "../wire/types";

export type UnitChoice = { id: string; label: string; level: string; kind: string; centre: boolean; accepts: boolean; specialities: readonly string[] };

export type UnitsParts = {
  divisions: { get: (code: string) => DivisionName | undefined };
  cases: Pick<CaseCalls, "units" | "unitsOf">;
};

/** Code of the centre of a division, where the place keeps no register of units. */
const CENTRE = "centre.";
/** As many codes as one question may have. */
const MOST_NAMED = 40;

export class Units {
  readonly #parts: UnitsParts;
  /** Units by the division that was asked for; null while they are fetched. */
  #of = $state.raw<ReadonlyMap<string, readonly Unit[] | null>>(new Map());
  /** Units by code; null for one that the server does not name. */
  #names = $state.raw<ReadonlyMap<string, Unit | null>>(new Map());
  /** Codes whose names are being asked for. */
  readonly #asked = new Set<string>();
  #waiting: string[] = [];

  constructor(parts: UnitsParts) {
    this.#parts = parts;
  }

  /** Fetches the units along a path that are not known yet. */
  async fetch(path: string, levels: readonly string[]): Promise<void> {
    const wanted = this.#divisions(path, levels).filter(({ code }) => !this.#of.has(code));
    await Promise.all(wanted.map((division) => this.#fetch(division)));
  }

  async #fetch({ code, level }: DivisionName): Promise<void> {
    this.#keep(code, null);
    try {
      this.#keep(code, await this.#parts.cases.units(code, level));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      // A place without a register has centres alone; what failed otherwise is asked for again.
      if (problem.status === 404) return this.#keep(code, []);
      const rest = new Map(this.#of);
      rest.delete(code);
      this.#of = rest;
    }
  }

  #keep(code: string, found: readonly Unit[] | null): void {
    this.#of = new Map(this.#of).set(code, found);
    if (found?.length) this.#names = new Map([...this.#names, ...found.map((unit) => [unit.code, unit] as const)]);
  }

  /** The units of the divisions that hold a place, at these levels, the lowest first; of a division without units, its centre. */
  along(path: string, levels: readonly string[]): UnitChoice[] {
    return this.#divisions(path, levels)
      .reverse()
      .flatMap((division): UnitChoice[] => {
        const known = this.#of.get(division.code);
        if (known?.length) return known.map(choiceOf);
        return [{ id: `${CENTRE}${division.code}`, label: division.name, level: division.level, kind: "", centre: true, accepts: true, specialities: [] }];
      });
  }

  #divisions(path: string, levels: readonly string[]): DivisionName[] {
    const found = path.split(".").flatMap((code) => this.#parts.divisions.get(code) ?? []);
    return found.filter(({ level }) => levels.includes(level));
  }

  /**
   * The name of a unit, from the register, from those that came with a case, or from its division. One that is not known
   * yet is asked for, with all others of the same picture, and is empty until then; the code stands where there is none.
   */
  name(code: string, known: Readonly<Record<string, string>> = {}): string {
    const unit = this.#names.get(code);
    if (unit) return choiceOf(unit).label;
    if (code.startsWith(CENTRE)) return known[code] ?? this.#parts.divisions.get(code.slice(CENTRE.length))?.name ?? code;
    if (unit === undefined) this.#ask(code);
    return known[code] ?? (unit === null ? code : "");
  }

  #ask(code: string): void {
    if (!code || this.#asked.has(code)) return;
    this.#asked.add(code);
    if (this.#waiting.push(code) === 1) queueMicrotask(() => void this.#fetchNames());
  }

  async #fetchNames(): Promise<void> {
    const codes = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < codes.length; from += MOST_NAMED) await this.#fetchSome(codes.slice(from, from + MOST_NAMED));
  }

  async #fetchSome(codes: readonly string[]): Promise<void> {
    try {
      const found = new Map((await this.#parts.cases.unitsOf(codes)).map((unit) => [unit.code, unit]));
      this.#names = new Map([...this.#names, ...codes.map((code) => [code, found.get(code) ?? null] as const)]);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      // Who may not read the register is shown codes; what failed otherwise is asked again by the next picture.
      if (problem.status === 403) this.#names = new Map([...this.#names, ...codes.map((code) => [code, null] as const)]);
      else codes.forEach((code) => this.#asked.delete(code));
    }
  }
}

function choiceOf({ code, name, name_en, level, kind, centre, accepts, specialities }: Unit): UnitChoice {
  return { id: code, label: named({ zh: name, en: name_en }), level, kind, centre, accepts, specialities };
}

/** How well a field of work fits a category: 2 if it names it, 1 if it names its class. */
export function fitOf({ specialities }: { specialities: readonly string[] }, category: string): number {
  return specialities.includes(category) ? 2 : Number(specialities.includes(category.split(".")[0] ?? ""));
}

/** Units in the order in which a case may want them: of its level first; there those whose field of work fits, and those
 * last in which nobody can take it on. */
export function byFit(choices: readonly UnitChoice[], { category, level }: { category: string; level: string }): UnitChoice[] {
  const rank = (one: UnitChoice) => (one.level === level ? 0 : 100) + (one.accepts ? 0 : 10) - fitOf(one, category);
  return [...choices].sort((a, b) => rank(a) - rank(b));
}

/**
 * The unit that the rules suggest: at the level of the case, one whose field of work names the category, then one that
 * names its class, then the centre. Not the unit that has the case, and none in which nobody could take it on.
 */
export function suggestUnit(choices: readonly UnitChoice[], { category, level, unit }: { category: string; level: string; unit: string }): { choice: UnitChoice; by: "handles" | "centre" } | null {
  const there = choices.filter((one) => one.level === level && one.id !== unit);
  const [handling] = byFit(there, { category, level });
  if (handling?.accepts && fitOf(handling, category)) return { choice: handling, by: "handles" };
  const centre = there.find((one) => one.centre);
  return centre ? { choice: centre, by: "centre" } : null;
}
