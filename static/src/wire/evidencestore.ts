/** Photos and voice notes that wait on this device, in a database of their own: what is kept in it is on the disk before
 * it is called kept, and its bytes have been read back. */

import type { AttachmentKind, AttachmentOrigin } from "./attachments";

/** Where the device was, and how old that fix was at the shutter. */
export type TakenPlace = { lon: number; lat: number; accuracy_m: number; place_age_s: number };

/** `waiting`: on this device alone. `sent`: the server has it, and its bytes are gone from here. `refused`: the server has
 * said no, with this code; its bytes are here until they are deleted by hand. `user` took it, and only their session sends it. */
export type Kept = {
  id: string;
  user: number;
  task: number;
  kind: AttachmentKind;
  origin: AttachmentOrigin;
  type: string;
  length: number;
  takenAt: number;
  place: TakenPlace | null;
  preview: string;
  seconds: number | null;
  state: "waiting" | "sent" | "refused";
  code?: string;
};

/** Nothing was kept: no room is left on the device, or the browser cannot, or another page holds the store. */
export class NotKept extends Error {
  constructor(readonly reason: "full" | "unkept" | "blocked") {
    super(reason);
  }
}

/** What `Evidence` needs of the store. */
export type EvidenceShelf = {
  list: () => Promise<Kept[]>;
  keep: (item: Kept, bytes: ArrayBuffer) => Promise<void>;
  bytes: (id: string) => Promise<ArrayBuffer | null>;
  mark: (item: Kept, options?: { dropBytes?: boolean }) => Promise<void>;
  remove: (id: string) => Promise<void>;
};

const NAME = "maplebridge-evidence";
const VERSION = 1;
const ITEMS = "items";
const BYTES = "bytes";

function reasonOf(problem: unknown): NotKept {
  return problem instanceof NotKept ? problem : new NotKept(problem instanceof DOMException && problem.name === "QuotaExceededError" ? "full" : "unkept");
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(reasonOf(request.error));
  });
}

/** Opens the database; a newer version in another page asks for it, and gets it. */
function open(factory: IDBFactory, onLost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ITEMS, { keyPath: "id" });
      request.result.createObjectStore(BYTES);
    };
    request.onblocked = () => reject(new NotKept("blocked"));
    request.onerror = () => reject(reasonOf(request.error));
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close();
      database.onclose = onLost;
      resolve(database);
    };
  });
}

export class EvidenceStore implements EvidenceShelf {
  readonly #factory: IDBFactory;
  #database: Promise<IDBDatabase> | null = null;

  constructor(factory: IDBFactory) {
    this.#factory = factory;
  }

  async list(): Promise<Kept[]> {
    const database = await this.#open();
    return answered<Kept[]>(database.transaction(ITEMS).objectStore(ITEMS).getAll());
  }

  /** Keeps an item and its bytes, or neither. Throws `NotKept`. */
  async keep(item: Kept, bytes: ArrayBuffer): Promise<void> {
    await this.#write((items, contents) => {
      items.put(item);
      contents.put(bytes, item.id);
    });
    const back = await this.bytes(item.id);
    if (back?.byteLength === item.length) return;
    await this.remove(item.id);
    throw new NotKept("unkept");
  }

  async bytes(id: string): Promise<ArrayBuffer | null> {
    const database = await this.#open();
    return (await answered<ArrayBuffer | undefined>(database.transaction(BYTES).objectStore(BYTES).get(id))) ?? null;
  }

  mark(item: Kept, { dropBytes = false } = {}): Promise<void> {
    return this.#write((items, contents) => {
      items.put(item);
      if (dropBytes) contents.delete(item.id);
    });
  }

  remove(id: string): Promise<void> {
    return this.#write((items, contents) => {
      items.delete(id);
      contents.delete(id);
    });
  }

  #open(): Promise<IDBDatabase> {
    this.#database ??= open(this.#factory, () => (this.#database = null)).catch((problem: unknown) => {
      this.#database = null;
      throw reasonOf(problem);
    });
    return this.#database;
  }

  /** Changes both stores, and returns once that is on the disk: `onsuccess` alone would not survive a power loss. */
  async #write(change: (items: IDBObjectStore, contents: IDBObjectStore) => void): Promise<void> {
    const database = await this.#open();
    return new Promise((resolve, reject) => {
      let write: IDBTransaction;
      try {
        write = database.transaction([ITEMS, BYTES], "readwrite", { durability: "strict" });
        change(write.objectStore(ITEMS), write.objectStore(BYTES));
      } catch (problem) {
        reject(reasonOf(problem));
        return;
      }
      write.oncomplete = () => resolve();
      write.onabort = () => reject(reasonOf(write.error));
    });
  }
}
