/** Photos and voice notes of this phone: kept on it first, then sent until the server names them. */

import { freshId, type AttachmentCalls, type AttachmentSaid } from "../wire/attachments";
import { ApiError } from "../wire/client";
import { NotKept, type EvidenceShelf, type Kept } from "../wire/evidencestore";

export type Taken = Pick<Kept, "kind" | "origin" | "type" | "takenAt" | "place" | "preview" | "seconds">;

export type EvidenceParts = {
  attachments: Pick<AttachmentCalls, "add">;
  session: { readonly me: { id: number } | null };
  shelf: EvidenceShelf;
  /** Bytes that the browser would still keep; null where it does not tell. */
  room: () => Promise<number | null>;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  now?: () => number;
};

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 120_000;
/** What was sent stays in the list so long. */
const SENT_SHOWN_MS = 7 * 86_400_000;

/** What the server may answer otherwise later: it was unreachable, busy or full, or wants a sign-in. */
function isPassing({ status }: ApiError): boolean {
  return status === 0 || status >= 500 || status === 401 || status === 408 || status === 429;
}

function waiting(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      wake();
    });
  });
}

export class Evidence {
  readonly #parts: EvidenceParts;
  /** This account's, oldest first. */
  items = $state.raw<readonly Kept[]>([]);
  /** How many of other accounts wait on this phone. */
  ofOthers = $state(0);
  /** The one on its way. */
  sending = $state<string | null>(null);
  problem = $state<NotKept["reason"] | null>(null);
  room = $state<number | null>(null);
  /** Milliseconds from the shutter to “kept”, of the last one. */
  keptWithin = $state<number | null>(null);
  #stopped = false;
  #running = false;
  #knock = new AbortController();

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  readonly waiting = $derived(this.items.filter((one) => one.state === "waiting").length);
  readonly refused = $derived(this.items.filter((one) => one.state === "refused").length);

  /** Takes up what is on this phone, and sends it. */
  async start(): Promise<void> {
    await this.#measure();
    try {
      const [all, me, now] = [await this.#parts.shelf.list(), this.#parts.session.me?.id, this.#now()];
      const old = all.filter((one) => one.state === "sent" && now - one.takenAt > SENT_SHOWN_MS);
      for (const one of old) await this.#parts.shelf.remove(one.id);
      const left = all.filter((one) => !old.includes(one));
      this.items = left.filter((one) => one.user === me).sort((a, b) => a.takenAt - b.takenAt || a.id.localeCompare(b.id));
      this.ofOthers = left.filter((one) => one.user !== me && one.state !== "sent").length;
    } catch (problem) {
      // What is there stays there, and the screen says that it cannot be read: an empty list would be a lie.
      this.problem = this.#reason(problem);
      return;
    }
    void this.#deliver();
  }

  stop(): void {
    this.#stopped = true;
    this.#knock.abort();
  }

  /** The ids of what was taken for a task, wherever it is now; not what was refused. */
  idsOf(task: number): string[] {
    return this.items.filter((one) => one.task === task && one.state !== "refused").map((one) => one.id);
  }

  of(task: number): Kept[] {
    return this.items.filter((one) => one.task === task);
  }

  /** Keeps what was taken; returns whether it is on the phone. Nothing else is lost where it is not. */
  async keep(task: number, taken: Taken, bytes: ArrayBuffer, began: number): Promise<boolean> {
    const user = this.#parts.session.me?.id;
    if (user === undefined) return false;
    const item: Kept = { ...taken, id: freshId(this.#now()), user, task, length: bytes.byteLength, state: "waiting" };
    try {
      await this.#parts.shelf.keep(item, bytes);
    } catch (problem) {
      this.problem = this.#reason(problem);
      return false;
    }
    this.problem = null;
    this.keptWithin = performance.now() - began;
    this.items = [...this.items, item];
    void this.#measure();
    this.retry();
    return true;
  }

  /** Deletes one that was refused. */
  async remove(id: string): Promise<void> {
    await this.#parts.shelf.remove(id);
    this.items = this.items.filter((one) => one.id !== id);
  }

  /** Sends what waits at once: the line may be back. */
  retry(): void {
    this.#knock.abort();
    this.#knock = new AbortController();
    void this.#deliver();
  }

  async #deliver(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      let wait = FIRST_WAIT_MS;
      for (;;) {
        const next = this.items.find((one) => one.state === "waiting");
        if (!next || this.#stopped) return;
        if (await this.#send(next)) {
          wait = FIRST_WAIT_MS;
          continue;
        }
        const knock = this.#knock.signal;
        await (this.#parts.wait ?? waiting)(wait * (0.75 + Math.random() / 2), knock);
        wait = knock.aborted ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, wait * 2);
      }
    } finally {
      this.#running = false;
    }
  }

  /** Sends one. False: later again. Only an answer that names its id ends it. */
  async #send(item: Kept): Promise<boolean> {
    if (item.user !== this.#parts.session.me?.id) return false;
    this.sending = item.id;
    try {
      const bytes = await this.#parts.shelf.bytes(item.id);
      if (bytes === null) return await this.#mark(item, { state: "refused", code: "attachment.missing" });
      const answer = await this.#parts.attachments.add(this.#said(item), new Blob([bytes], { type: item.type }));
      return answer.id === item.id && (await this.#mark(item, { state: "sent" }));
    } catch (problem) {
      if (problem instanceof NotKept) return false;
      if (!(problem instanceof ApiError)) throw problem;
      return !isPassing(problem) && (await this.#mark(item, { state: "refused", code: problem.code }));
    } finally {
      this.sending = null;
    }
  }

  #said({ id, kind, origin, task, takenAt, place }: Kept): AttachmentSaid {
    const claims = origin === "gallery" ? {} : { ...place, taken_at: new Date(takenAt).toISOString() };
    return { id, kind, origin, task, ...claims, device_at: new Date(this.#now()).toISOString() };
  }

  async #mark(item: Kept, news: Pick<Kept, "state" | "code">): Promise<boolean> {
    const marked = { ...item, ...news };
    await this.#parts.shelf.mark(marked, { dropBytes: news.state === "sent" });
    this.items = this.items.map((one) => (one.id === item.id ? marked : one));
    return true;
  }

  async #measure(): Promise<void> {
    this.room = await this.#parts.room().catch(() => null);
  }

  #reason(problem: unknown): NotKept["reason"] {
    if (!(problem instanceof NotKept)) throw problem;
    return problem.reason;
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }
}
