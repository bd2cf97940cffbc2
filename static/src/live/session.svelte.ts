/** Who sits here, and what the screens must know of the county. */

import type { Calls } from "../wire/calls";
import { ApiError, type Client } from "../wire/client";
import type { Platform } from "../wire/platform";
import type { County, Me } from "../wire/types";
import type { Divisions } from "./divisions.svelte";

export type SignedState = "unknown" | "out" | "in" | "unreachable";

export type SessionParts = {
  client: Pick<Client, "onSignedOut">;
  calls: Pick<Calls, "signedIn" | "signIn" | "signOut" | "county">;
  divisions: Pick<Divisions, "fetch">;
  location: Pick<Platform["location"], "reload">;
};

export class Session {
  readonly #parts: SessionParts;
  state = $state<SignedState>("unknown");
  me = $state.raw<Me | null>(null);
  county = $state.raw<County | null>(null);

  constructor(parts: SessionParts) {
    this.#parts = parts;
    parts.client.onSignedOut = () => this.#forget();
  }

  /** Finds out whether the cookie still stands, and fetches what every screen needs. */
  async resume(): Promise<void> {
    try {
      const me = await this.#parts.calls.signedIn();
      if (!me) return this.#forget();
      const county = await this.#parts.calls.county();
      await this.#parts.divisions.fetch(county.levels);
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
      const me = await this.#parts.calls.signedIn();
      if (me) this.me = me;
      else this.#forget();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.#parts.calls.signIn(username, password);
    await this.resume();
  }

  /** Answers whether it was done: a cookie that the server has not heard of still stands. */
  async signOut(): Promise<boolean> {
    try {
      await this.#parts.calls.signOut();
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
    if (this.state === "in") this.#parts.location.reload();
    else this.state = "out";
  }
}
