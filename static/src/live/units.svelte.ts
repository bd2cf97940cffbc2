/** Units that can have a case: those whose area holds its place, and their names. */

import type { DivisionName, Level } from "../wire/types";

export type UnitChoice = { id: string; label: string; note: string; level: string };

export type UnitsParts = {
  divisions: { get: (code: string) => DivisionName | undefined };
  session: { readonly county: { levels: readonly Level[] } | null };
};

/** Code of the centre of a division, where the place keeps no register of units. */
const CENTRE = "centre.";

export class Units {
  readonly #parts: UnitsParts;

  constructor(parts: UnitsParts) {
    this.#parts = parts;
  }

  /** The centres of the divisions that hold a place, at these levels, the lowest first. */
  along(path: string, levels: readonly string[]): UnitChoice[] {
    const found = path.split(".").flatMap((code): UnitChoice[] => {
      const division = this.#parts.divisions.get(code);
      if (!division || !levels.includes(division.level)) return [];
      return [{ id: `${CENTRE}${code}`, label: division.name, note: "", level: division.level }];
    });
    return found.reverse();
  }

  /** The name of a unit, from those that came with a case, or from its division. */
  name(code: string, known: Readonly<Record<string, string>> = {}): string {
    const division = code.startsWith(CENTRE) ? this.#parts.divisions.get(code.slice(CENTRE.length)) : undefined;
    return known[code] ?? division?.name ?? code;
  }
}
