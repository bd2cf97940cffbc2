/** Registrations that the server has not answered yet. They are kept on this device and sent until they are answered, each
 * under the key that was made when its form opened: however often it is sent, it is registered once. */

import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Platform } from "../wire/platform";
import type { Incident, NewIncident } from "../wire/types";
import { Kept } from "./kept";

/** `waiting`: not answered. `refused`: the server has said no, with this code and parameters, and nothing was registered. */
export type Unsent = {
  key: string;
  body: NewIncident;
  at: number;
  state: "waiting" | "refused";
  code?: string;
  params?: Record<string, unknown>;
};

export type OutboxParts = {
  calls: Pick<Calls, "register">;
  platform: Pick<Platform, "storage">;
  session: { readonly me: { id: number } | null };
};

const RETRY_MS = 3000;

/** What the server may answer otherwise later: it was unreachable, busy, or wanted a sign-in. */
function isPassing({ status }: ApiError): boolean {
  return status === 0 || status >= 500 || status === 401 || status === 408 || status === 429;
}

export class Outbox {
  readonly #calls: OutboxParts["calls"];
  readonly #kept: Kept<Unsent[]>;
  readonly #onRegistered: (incident: Incident, key: string) => void;
  readonly #wait: (ms: number) => Promise<void>;
  items = $state.raw<readonly Unsent[]>([]);
  /** The keys that are on their way. */
  sending = $state.raw<ReadonlySet<string>>(new Set());
  /** This browser refuses to keep anything. */
  unkept = $state(false);
  #stopped = false;

  constructor(
    { calls, platform, session }: OutboxParts,
    onRegistered: (incident: Incident, key: string) => void,
    wait: (ms: number) => Promise<void> = (ms) => new Promise((wake) => setTimeout(wake, ms)),
  ) {
    this.#calls = calls;
    this.#kept = new Kept(platform.storage, { name: "unsent", user: session.me?.id ?? 0 });
    this.#onRegistered = onRegistered;
    this.#wait = wait;
  }

  /** Takes up what this account has left on this device, and sends it. */
  start(now: number): void {
    this.items = this.#kept.read(now) ?? [];
    for (const item of this.items) if (item.state === "waiting") void this.#deliver(item.key);
  }

  stop(): void {
    this.#stopped = true;
  }

  has(key: string): boolean {
    return this.items.some((item) => item.key === key);
  }

  get(key: string): Unsent | undefined {
    return this.items.find((item) => item.key === key);
  }

  /** Keeps a registration and sends it. One that is there already is not sent beside itself. Returns when the server has
   * answered it, or could not be reached. */
  async send(key: string, body: NewIncident, at: number): Promise<"registered" | "waiting" | "refused"> {
    const kept = this.get(key);
    if (kept?.state === "waiting") return "waiting";
    this.#put({ key, body, at, state: "waiting" });
    const first = await this.#once(key);
    if (first === "waiting") void this.#deliver(key, RETRY_MS);
    return first;
  }

  /** Sends what waits at once. */
  retry(): void {
    for (const { key, state } of this.items) if (state === "waiting") void this.#once(key);
  }

  /** Takes a registration out: it goes back to the form, or is not wanted any more. Only a refused one was surely not made. */
  take(key: string): Unsent | undefined {
    const item = this.get(key);
    this.#keep(this.items.filter((one) => one.key !== key));
    return item;
  }

  async #deliver(key: string, after = 0): Promise<void> {
    if (after) await this.#wait(after);
    while (!this.#stopped && this.get(key)?.state === "waiting") {
      if ((await this.#once(key)) !== "waiting") return;
      await this.#wait(RETRY_MS);
    }
  }

  /** Sends one once, unless it is on its way. */
  async #once(key: string): Promise<"registered" | "waiting" | "refused"> {
    const item = this.get(key);
    if (!item || this.sending.has(key)) return "waiting";
    this.sending = new Set(this.sending).add(key);
    try {
      const incident = await this.#calls.register(item.body, key);
      this.take(key);
      this.#onRegistered(incident, key);
      return "registered";
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (isPassing(problem)) return "waiting";
      this.#put({ ...item, state: "refused", code: problem.code, params: problem.params });
      return "refused";
    } finally {
      const rest = new Set(this.sending);
      rest.delete(key);
      this.sending = rest;
    }
  }

  #put(item: Unsent): void {
    this.#keep([...this.items.filter((one) => one.key !== item.key), item]);
  }

  #keep(items: readonly Unsent[]): void {
    this.items = items;
    this.unkept = !this.#kept.write([...items], Date.now());
  }
}
