/** What is kept on this device for one account, by name: it survives a reload, a sign-out and a closed browser. */

import type { Platform } from "../wire/platform";

/** Kept longer than this, it is nobody's any more: yesterday's half a form helps nobody, and others use the desk. */
export const KEPT_FOR_MS = 24 * 3_600_000;

type Stored = { at: number; value: unknown };

export class Kept<Value> {
  readonly #storage: Platform["storage"];
  readonly #key: string;

  constructor(storage: Platform["storage"], { name, user }: { name: string; user: number }) {
    this.#storage = storage;
    this.#key = `maplebridge.${name}.${user}`;
  }

  read(now: number): Value | null {
    const text = this.#storage.getItem(this.#key);
    if (!text) return null;
    try {
      const { at, value } = JSON.parse(text) as Stored;
      return now - at < KEPT_FOR_MS ? (value as Value) : null;
    } catch {
      return null;
    }
  }

  /** Returns whether it could be kept: a browser may refuse, or be full. */
  write(value: Value | null, now: number): boolean {
    try {
      this.#storage.setItem(this.#key, value === null ? "" : JSON.stringify({ at: now, value } satisfies Stored));
      return true;
    } catch {
      return false;
    }
  }
}
