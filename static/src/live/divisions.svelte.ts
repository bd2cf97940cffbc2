import type { Calls } from "../wire/calls";
import type { DivisionName, Level } from "../wire/types";

/** Names for division codes. Fetched once; lines change by the day, names hardly ever. */
export class Divisions {
  readonly #calls: Pick<Calls, "divisions">;
  #byCode = $state.raw(new Map<string, DivisionName>());
  #levels: readonly Level[] = [];

  constructor(calls: Pick<Calls, "divisions">) {
    this.#calls = calls;
  }

  /** What lies below the grids is named by the map alone: there are thousands. */
  async fetch(levels: readonly Level[]): Promise<void> {
    this.#levels = levels;
    const below = levels.findIndex((level) => level.grid) + 1;
    const named = below ? levels.slice(0, below) : levels;
    const { items } = await this.#calls.divisions(named.map((level) => level.code));
    this.#byCode = new Map(items.map((division) => [division.code, division]));
  }

  /**
   * Fetch again where a path leads into a town that is not known: who is sent to another town can read that one's names
   * from then on. Answers whether there was anything to learn.
   */
  async learn(path: string): Promise<boolean> {
    const town = path.split(".")[1];
    if (town === undefined || this.#byCode.has(town)) return false;
    await this.fetch(this.#levels);
    return this.#byCode.has(town);
  }

  get(code: string): DivisionName | undefined {
    return this.#byCode.get(code);
  }

  /** The names along a path (`a.b.c`), from the second level down: the first is where one stands. */
  names(path: string): string[] {
    const codes = [...new Set(path.split(".").slice(1))];
    const found = codes.map((code) => this.#byCode.get(code)?.name).filter((name) => name !== undefined);
    return found.length ? found : [this.#byCode.get(path)?.name ?? ""];
  }
}
