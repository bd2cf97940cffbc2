/** The signed-in account and the county's settings. */

import type { Calls } from "../wire/calls";
import { ApiError, type Client } from "../wire/client";
import type { Platform } from "../wire/platform";
import type { County, DivisionName, Me } from "../wire/types";
import type { Divisions } from "./divisions.svelte";

const OWN_TASKS = "tasks.answer_own";

export type SignedState = "unknown" | "out" | "in" | "unreachable";

/** What a phone needs to start without a network. */
export type Remembered = { me: Me; county: County; divisions: DivisionName[] };

export type SessionMemory = { read: () => Promise<Remembered | null>; write: (kept: Remembered) => Promise<void>; forget: () => Promise<void> | null };

export type SessionParts = {
  client: Pick<Client, "onSignedOut">;
  calls: Pick<Calls, "signedIn" | "signIn" | "signOut" | "county">;
  divisions: Pick<Divisions, "fetch" | "restore" | "all">;
  memory: SessionMemory;
  location: Pick<Platform["location"], "reload">;
};

/** The versions of what the county's lines stand on, as a beat has them. */
function mapsOf({ basemap, raster }: Pick<County, "basemap" | "raster">): string {
  return [basemap?.version, raster?.version].filter(Boolean).join(" ");
}

export class Session {
  readonly #parts: SessionParts;
  state = $state<SignedState>("unknown");
  /** Begun from what this device keeps, without an answer of the server. */
  offline = $state(false);
  me = $state.raw<Me | null>(null);
  county = $state.raw<County | null>(null);
  /** Version of the lines in force: tiles have another address when it is another. */
  lines = $state("");

  constructor(parts: SessionParts) {
    this.#parts = parts;
    parts.client.onSignedOut = () => void this.#forget();
  }

  /** Restores the session from its cookie and fetches what every screen needs. */
  async resume(): Promise<void> {
    try {
      const me = await this.#parts.calls.signedIn();
      if (!me) return await this.#forget();
      const county = await this.#parts.calls.county();
      await this.#parts.divisions.fetch(county.levels);
      this.me = me;
      this.county = county;
      this.lines = county.lines ?? "";
      this.state = "in";
      this.offline = false;
      if (this.may(OWN_TASKS)) void this.#parts.memory.write({ me, county, divisions: [...this.#parts.divisions.all] });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (problem.status === 401) this.state = "out";
      else if (this.state !== "in") this.#begin(await this.#parts.memory.read());
    }
  }

  /** Begins with what this device keeps, or not at all. */
  #begin(kept: Remembered | null): void {
    if (kept === null) return void (this.state = "unreachable");
    this.#parts.divisions.restore(kept.county.levels, kept.divisions);
    this.me = kept.me;
    this.county = kept.county;
    this.lines = kept.county.lines ?? "";
    this.offline = true;
    this.state = "in";
  }

  /** Checks whether the session is still valid; if not, returns to sign-in. */
  async check(): Promise<void> {
    try {
      const me = await this.#parts.calls.signedIn();
      if (me) this.me = me;
      else await this.#forget();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  /** Other lines are in force: names are fetched anew, and maps fetch their tiles. */
  async followLines(version: string): Promise<void> {
    if (version === this.lines) return;
    const before = this.lines;
    this.lines = version;
    if (!this.county || !before) return;
    try {
      await this.#parts.divisions.fetch(this.county.levels);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.lines = before;
    }
  }

  /** The server has another basemap or raster map: maps fetch its tiles. A failure is tried again with the next beat. */
  async followMaps(versions: string): Promise<void> {
    if (!this.county || versions === mapsOf(this.county)) return;
    try {
      this.county = await this.#parts.calls.county();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  /** Looks for other lines and maps, for pages that no beat tells of them. */
  async look(): Promise<void> {
    if (!this.county) return;
    try {
      const county = await this.#parts.calls.county();
      if (this.county && mapsOf(county) !== mapsOf(this.county)) this.county = county;
      await this.followLines(county.lines ?? "");
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.#parts.calls.signIn(username, password);
    await this.resume();
  }

  /** Returns whether it was done: while the server is unreachable the session stays valid. */
  async signOut(): Promise<boolean> {
    try {
      await this.#parts.calls.signOut();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      return false;
    }
    await this.#forget();
    return true;
  }

  /** Bounding box of the account's area: west, south, east, north. The world before any boundary is imported. */
  get bbox(): [number, number, number, number] {
    return this.me?.scope.bbox ?? this.county?.bbox ?? [-170, -55, 170, 70];
  }

  may(permission: string): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }

  /** Returns to sign-in. Reloads the page, so that no data stays for the next user of this desk. */
  async #forget(): Promise<void> {
    const wasIn = this.state === "in";
    const forgetting = this.#parts.memory.forget();
    if (forgetting) await forgetting;
    if (wasIn) this.#parts.location.reload();
    else this.state = "out";
  }
}
