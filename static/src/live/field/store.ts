/** The phone's own store: commands until they are answered, and what is needed to start without a network.
 *
 * Upgrades only add. A store of a newer version is left alone, and nothing here ever deletes one.
 */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Entry } from "./entries";

export type StoreFault = "full" | "full.open" | "full.commit" | "newer" | "blocked" | "closed" | "failed";

/** Why something could not be kept, or read. */
export class StoreProblem extends Error {
  constructor(
    readonly fault: StoreFault,
    readonly reason = "",
  ) {
    super(fault);
  }
}

type Author = { author: number; device: string; seq: number };

interface Schema extends DBSchema {
  commands: { key: string; value: Entry };
  authors: { key: number; value: Author };
  kept: { key: string; value: unknown };
}

export const STORE_VERSION = 1;

/** A phone's store, as the queue uses it. */
export interface FieldStore {
  /** Gives an entry the author's next number, and returns once it is on the disk. */
  add: (author: number, make: (device: string, seq: number) => Entry) => Promise<Entry>;
  all: () => Promise<Entry[]>;
  /** Puts these entries back as they are now, and removes those. */
  settle: (changed: readonly Entry[], removed: readonly string[]) => Promise<void>;
  device: (author: number) => Promise<string | null>;
  keep: (name: string, value: unknown) => Promise<void>;
  read: (name: string) => Promise<unknown>;
  forget: () => Promise<void>;
}

/** Opens the store. `onProblem` hears of what happens to it later. Throws `StoreProblem`. */
export async function openStore(name: string, onProblem: (fault: StoreFault | null) => void): Promise<FieldStore> {
  try {
    const database = await openDB<Schema>(name, STORE_VERSION, {
      upgrade(opened, from) {
        if (from >= 1) return;
        opened.createObjectStore("commands", { keyPath: "id" });
        opened.createObjectStore("authors", { keyPath: "author" });
        opened.createObjectStore("kept");
      },
      blocked: () => onProblem("blocked"),
      blocking: (_from, _to, event) => {
        // A newer page wants to upgrade: let it, and say so here.
        (event.target as IDBDatabase).close();
        onProblem("closed");
      },
      terminated: () => onProblem("closed"),
    });
    onProblem(null);
    return storeOf(database);
  } catch (cause) {
    throw problemAt("open", cause);
  }
}

function storeOf(database: IDBPDatabase<Schema>): FieldStore {
  return {
    async add(author, make) {
      const writing = database.transaction(["commands", "authors"], "readwrite", { durability: "strict" });
      // It is kept when the transaction is complete, not when the request has succeeded.
      const done = writing.done.catch((cause: unknown) => Promise.reject(problemAt("commit", cause)));
      const put = (async () => {
        const authors = writing.objectStore("authors");
        const before = (await authors.get(author)) ?? { author, device: crypto.randomUUID(), seq: 0 };
        const entry = make(before.device, before.seq + 1);
        await authors.put({ ...before, seq: entry.seq });
        await writing.objectStore("commands").add(entry);
        return entry;
      })().catch((cause: unknown) => Promise.reject(problemAt("put", cause)));
      const [entry] = await Promise.all([put, done]);
      return entry;
    },
    all: () => database.getAll("commands"),
    async settle(changed, removed) {
      const writing = database.transaction("commands", "readwrite");
      await Promise.all([...changed.map((entry) => writing.store.put(entry)), ...removed.map((id) => writing.store.delete(id)), writing.done]);
    },
    device: async (author) => (await database.get("authors", author))?.device ?? null,
    async keep(name, value) {
      await database.put("kept", value, name);
    },
    read: (name) => database.get("kept", name),
    forget: () => database.clear("kept"),
  };
}

/** What an error of the browser means where it happened. */
export function problemAt(where: "open" | "put" | "commit", cause: unknown): StoreProblem {
  if (cause instanceof StoreProblem) return cause;
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : "";
  if (name === "QuotaExceededError") return new StoreProblem(where === "open" ? "full.open" : where === "put" ? "full" : "full.commit");
  if (name === "VersionError") return new StoreProblem("newer");
  if (name === "InvalidStateError") return new StoreProblem("closed");
  return new StoreProblem("failed", name);
}
