/** Who sits here, and what the screens must know of the county. */

import * as calls from "../wire/calls";
import { ApiError, whenSignedOut } from "../wire/client";
import type { County, DivisionName, Level, Me } from "../wire/types";

export type SignedState = "unknown" | "out" | "in" | "unreachable";

class Session {
  state = $state<SignedState>("unknown");
  me = $state.raw<Me | null>(null);
  county = $state.raw<County | null>(null);

  constructor() {
    whenSignedOut(() => this.#forget());
  }

  /** Finds out whether the cookie still stands, and fetches what every screen needs. */
  async resume(): Promise<void> {
    try {
      const me = await calls.signedIn();
      if (!me) return this.#forget();
      const county = await calls.county();
      await divisions.fetch(county.levels);
      this.me = me;
      this.county = county;
      this.state = "in";
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.state = problem.status === 401 ? "out" : "unreachable";
    }
  }

  /** Asks again whether somebody is signed in; a dead cookie leads back to the door. */
  async check(): Promise<void> {
    try {
      const me = await calls.signedIn();
      if (me) this.me = me;
      else this.#forget();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    await calls.signIn(username, password);
    await this.resume();
  }

  /** Answers whether it was done: a cookie that the server has not heard of still stands. */
  async signOut(): Promise<boolean> {
    try {
      await calls.signOut();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      return false;
    }
    this.#forget();
    return true;
  }

  /** The box round what one sees: west, south, east, north. The whole world where no line has been brought in yet. */
  get bbox(): [number, number, number, number] {
    return this.me?.scope.bbox ?? this.county?.bbox ?? [-170, -55, 170, 70];
  }

  may(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }

  /** Back to the door. The page is loaded anew, so that nothing of what one saw stays for the next at this desk. */
  #forget(): void {
    if (this.state === "in") location.reload();
    else this.state = "out";
  }
}

/** Names for division codes. Fetched once; lines change by the day, names hardly ever. */
class Divisions {
  #byCode = $state.raw(new Map<string, DivisionName>());
  #levels: readonly Level[] = [];

  /** What lies below the grids is named by the map alone: there are thousands. */
  async fetch(levels: readonly Level[]): Promise<void> {
    this.#levels = levels;
    const below = levels.findIndex((level) => level.grid) + 1;
    const named = below ? levels.slice(0, below) : levels;
    const { items } = await calls.divisions(named.map((level) => level.code));
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

export const divisions = new Divisions();
export const session = new Session();
