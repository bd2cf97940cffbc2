/** The phone's queue: what was pressed is kept on the phone first, and sent until the server has answered it by its id. */

import { getContext, setContext } from "svelte";
import { ApiError } from "../../wire/client";
import { LOST_AFTER_MS, sendCommands, type CommandLine, type CommandName, type CommandsAnswer, type Said } from "../../wire/commands";
import type { Platform } from "../../wire/platform";
import { answered, batchOf, freshId, pauseAfter, type Entry, type Given } from "./entries";
import { StoreProblem, type FieldStore, type StoreFault } from "./store";

export type QueueParts = {
  fetch: Platform["fetch"];
  open: (onProblem: (fault: StoreFault | null) => void) => Promise<FieldStore>;
  now?: () => number;
  random?: () => number;
};

/** Answered steps stay in sight until the feed shows them. */
const MOST_DONE = 50;

export class CommandQueue {
  readonly #fetch: Platform["fetch"];
  readonly #open: QueueParts["open"];
  readonly #now: () => number;
  readonly #random: () => number;
  /** Entries of the one who is signed in. */
  entries = $state.raw<readonly Entry[]>([]);
  /** How many entries of other accounts are on this phone. */
  others = $state(0);
  /** Steps that were answered just now. */
  done = $state.raw<readonly Given[]>([]);
  problem = $state.raw<StoreProblem | null>(null);
  /** The session has ended: everything waits for a sign-in. */
  held = $state(false);
  sending = $state(false);
  /** When the next attempt is due, after one that failed. */
  nextAt = $state<number | null>(null);
  /** When this server last answered. */
  heardAt = $state<number | null>(null);
  aheadS = $state(0);
  ready = $state(false);
  #store: FieldStore | null = null;
  #author = 0;
  #failures = 0;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ fetch, open, now = Date.now, random = Math.random }: QueueParts) {
    this.#fetch = fetch;
    this.#open = open;
    this.#now = now;
    this.#random = random;
  }

  readonly unsent = $derived(this.entries.filter((entry) => entry.state === "unsent"));
  readonly reviews = $derived(this.entries.filter((entry) => entry.state === "review"));
  readonly oldestAt = $derived(this.unsent.reduce<number | null>((oldest, { at }) => Math.min(oldest ?? at, at), null));
  /** Steps that the task on the screen does not show yet. */
  readonly given = $derived<readonly Given[]>([...this.done, ...[...this.unsent].sort((a, b) => a.seq - b.seq)]);

  /** Opens the store once, for whoever is signed in. Returns null where it cannot be. */
  async store(): Promise<FieldStore | null> {
    if (this.#store) return this.#store;
    try {
      this.#store = await this.#open((fault) => {
        this.problem = fault ? new StoreProblem(fault) : null;
        if (fault === "closed") this.#store = null;
      });
      this.problem = null;
    } catch (problem) {
      if (!(problem instanceof StoreProblem)) throw problem;
      this.problem = problem;
    }
    return this.#store;
  }

  /** Takes up what this account has left on the phone, and sends it. */
  async start(author: number): Promise<void> {
    this.#author = author;
    this.held = false;
    await this.#reload();
    this.ready = this.#store !== null;
    await this.flush({ hello: true });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.ready = false;
  }

  /** Keeps a command. Returns once it is on the disk; what happens to it then, the entries tell. Throws `StoreProblem`. */
  async give(command: CommandName, said: Said): Promise<Entry> {
    const store = await this.store();
    if (!store) throw this.problem ?? new StoreProblem("failed");
    const [author, at] = [this.#author, this.#now()];
    try {
      const entry = await store.add(author, (device, seq) => {
        const line: CommandLine = { id: freshId(at), device, device_seq: seq, device_at: new Date(at).toISOString(), author, command, ...said };
        return { id: line.id, author, seq, at, line, state: "unsent" };
      });
      this.entries = [...this.entries.filter(({ id }) => id !== entry.id), entry];
      this.problem = null;
      void this.flush();
      return entry;
    } catch (problem) {
      if (problem instanceof StoreProblem) this.problem = problem;
      throw problem;
    }
  }

  /** Sends what is unsent, one request at a time. */
  async flush({ hello = false } = {}): Promise<void> {
    if (this.sending) return void (this.#again = true);
    const store = this.#store;
    if (!store || this.held) return;
    clearTimeout(this.#timer);
    this.sending = true;
    try {
      do {
        this.#again = false;
        await this.#tell(store);
        const batch = batchOf(this.entries, this.#author);
        const device = batch[0]?.line.device ?? (hello ? await store.device(this.#author) : null);
        if (device === null || (!batch.length && !hello)) break;
        hello = false;
        const answer = await sendCommands(this.#fetch, {
          lines: batch.map((entry) => entry.line),
          device,
          unsent: this.unsent.length - batch.length,
          now: this.#now(),
        });
        await this.#take(store, batch, answer);
        this.#heard(answer);
        // What waits for a decision is asked again later, not at once.
        if (this.unsent.length && this.unsent.every((entry) => entry.status !== undefined)) this.#later();
        else if (this.unsent.length) this.#again = true;
      } while (this.#again && this.nextAt === null);
    } catch (problem) {
      this.#failed(problem);
    } finally {
      this.sending = false;
    }
  }

  /** A person has seen why an entry was not taken. The server is told when it can be. */
  async dismiss(id: string): Promise<void> {
    const dismissed = this.entries.filter((entry) => entry.id === id).map((entry): Entry => ({ ...entry, state: "dismissed" }));
    this.entries = [...this.entries.filter((entry) => entry.id !== id), ...dismissed];
    await this.#store?.settle(dismissed, []);
    await this.flush();
  }

  /** Tells the server what was put aside here, or else others would wait behind it. It may have been settled before. */
  async #tell(store: FieldStore): Promise<void> {
    for (const { id } of this.entries.filter((entry) => entry.state === "dismissed")) {
      const answer = await this.#fetch(`/api/commands/${id}/dismiss`, { method: "POST", credentials: "same-origin", signal: AbortSignal.timeout(LOST_AFTER_MS) }).catch(() => null);
      if (!answer || answer.status >= 500 || answer.status === 429) throw new ApiError(0, "unreachable");
      if (answer.status === 401) throw new ApiError(401, "unauthenticated");
      this.entries = this.entries.filter((entry) => entry.id !== id);
      await store.settle([], [id]);
    }
  }

  /** Reads what other windows may have kept or sent, and sends what is there. */
  async wake(): Promise<void> {
    if (!this.ready) return;
    await this.#reload();
    await this.flush();
  }

  /** Reads the store again where something was given or answered meanwhile: what was read then may be older. */
  async #reload(): Promise<void> {
    const store = await this.store();
    const before = this.entries;
    const all = (await store?.all().catch(() => null)) ?? null;
    if (!all) return;
    if (this.entries !== before) return this.#reload();
    this.entries = all.filter((entry) => entry.author === this.#author).sort((a, b) => a.seq - b.seq);
    this.others = all.length - this.entries.length;
  }

  async #take(store: FieldStore, batch: readonly Entry[], { items }: CommandsAnswer): Promise<void> {
    const answers = new Map(items.map((item) => [item.id, item]));
    const [changed, removed]: [Entry[], string[]] = [[], []];
    for (const entry of batch) {
      const answer = answers.get(entry.id);
      // What the answer does not name was not answered.
      if (!answer) continue;
      const left = answered(entry, answer);
      if (left) changed.push(left);
      else {
        removed.push(entry.id);
        this.done = [...this.done, { line: entry.line, version: answer.version ?? null }].slice(-MOST_DONE);
      }
    }
    if (!changed.length && !removed.length && batch.length) throw new ApiError(0, "unreachable");
    const now = new Map(changed.map((entry) => [entry.id, entry]));
    this.entries = this.entries.filter((entry) => !removed.includes(entry.id)).map((entry) => now.get(entry.id) ?? entry);
    await store.settle(changed, removed);
  }

  #heard({ ahead_s }: CommandsAnswer): void {
    this.heardAt = this.#now();
    this.aheadS = ahead_s;
    this.#failures = 0;
    this.nextAt = null;
  }

  #failed(problem: unknown): void {
    if (problem instanceof ApiError && problem.status === 401) {
      this.held = true;
      return;
    }
    if (!(problem instanceof ApiError) && !(problem instanceof StoreProblem) && !(problem instanceof DOMException)) throw problem;
    this.#later();
  }

  #later(): void {
    this.#failures += 1;
    const pause = pauseAfter(this.#failures, this.#random);
    this.nextAt = this.#now() + pause;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.nextAt = null;
      void this.flush();
    }, pause);
  }
}

const KEY = Symbol("commands");

export function provideQueue(queue: CommandQueue): CommandQueue {
  return setContext(KEY, queue);
}

export function useQueue(): CommandQueue {
  return getContext<CommandQueue>(KEY);
}
