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

  /** Takes names that were kept on this device. */
  restore(levels: readonly Level[], items: readonly DivisionName[]): void {
    this.#levels = levels;
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

  /** The codes of the divisions right below a path. */
  below(path: string): string[] {
    const depth = path.split(".").length + 1;
    const under = [...this.#byCode.values()].filter((one) => one.path.startsWith(`${path}.`) && one.path.split(".").length === depth);
    return under.map((one) => one.code);
  }

  get(code: string): DivisionName | undefined {
    return this.#byCode.get(code);
  }

  /** The divisions so many levels below the root. */
  atDepth(depth: number): DivisionName[] {
    return [...this.#byCode.values()].filter(({ path }) => path.split(".").length === depth + 1);
  }

  /** The village whose label is nearest; undefined where none is known. */
  nearest(lon: number, lat: number): DivisionName | undefined {
    const squeeze = Math.cos((lat * Math.PI) / 180);
    let best: { far: number; division: DivisionName } | undefined;
    for (const division of this.atDepth(2)) {
      const far = Math.hypot((division.lon - lon) * squeeze, division.lat - lat);
      if (!best || far < best.far) best = { far, division };
    }
    return best?.division;
  }

  /** The name of the division right above one, by which places of the same name are told apart; empty below the first level. */
  above(code: string): string {
    return this.names(this.#byCode.get(code)?.path ?? "").at(-2) ?? "";
  }

  /** The names along a path (`a.b.c`), without its first level. */
  names(path: string): string[] {
    const codes = [...new Set(path.split(".").slice(1))];
    const found = codes.map((code) => this.#byCode.get(code)?.name).filter((name) => name !== undefined);
    return found.length ? found : [this.#byCode.get(path)?.name ?? ""];
  }
}
