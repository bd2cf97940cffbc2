import type { Calls } from "../wire/calls";
import type { DivisionName, Level } from "../wire/types";

/** Names of divisions by code. Fetched once: names hardly ever change. */
export class Divisions {
  readonly #calls: Pick<Calls, "divisions">;
  #byCode = $state.raw(new Map<string, DivisionName>());
  #levels: readonly Level[] = [];

  constructor(calls: Pick<Calls, "divisions">) {
    this.#calls = calls;
  }

  /** Fetches the names down to the grids. Below them there are thousands, which only the map names. */
  async fetch(levels: readonly Level[]): Promise<void> {
    this.#levels = levels;
    const below = levels.findIndex((level) => level.grid) + 1;
    const named = below ? levels.slice(0, below) : levels;
    const { items } = await this.#calls.divisions(named.map((level) => level.code));
    this.#byCode = new Map(items.map((division) => [division.code, division]));
  }

  /**
   * Fetches again where a path leads into an unknown town: a force that is dispatched to another town may read its
   * names from then on. Returns whether that brought new names.
   */
  async fetchIfUnknown(path: string): Promise<boolean> {
    const town = path.split(".")[1];
    if (town === undefined || this.#byCode.has(town)) return false;
    await this.fetch(this.#levels);
    return this.#byCode.has(town);
  }

  /** Every division whose name is known. */
  get all(): Iterable<DivisionName> {
    return this.#byCode.values();
  }

  get(code: string): DivisionName | undefined {
    return this.#byCode.get(code);
  }

  /** The names along a path (`a.b.c`), without its first level. */
  names(path: string): string[] {
    const codes = [...new Set(path.split(".").slice(1))];
    const found = codes.map((code) => this.#byCode.get(code)?.name).filter((name) => name !== undefined);
    return found.length ? found : [this.#byCode.get(path)?.name ?? ""];
  }
}
