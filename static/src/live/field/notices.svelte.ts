/** Notices by Web Push on this phone: an extra, of which nothing is promised before the phone has shown one. */

import { ApiError } from "../../wire/client";
import type { Push, PushCalls } from "../../wire/push";

export type NoticeParts = {
  calls: Pick<PushCalls, "read" | "keep" | "test" | "end">;
  container: Pick<ServiceWorkerContainer, "ready" | "addEventListener" | "removeEventListener"> | undefined;
  /** "unsupported" where the browser has no notifications or no push. */
  permission: () => "unsupported" | NotificationPermission;
  ask: () => Promise<"unsupported" | NotificationPermission>;
  language: () => "zh" | "en";
  rest?: (ms: number) => Promise<void>;
  patienceMs?: number;
};

/**
 * `off`: the server sends none. `refused`: the person or the browser said no. `impossible`: the browser reaches no push
 * service. `ask`: nothing was tried here. `unproven`, `waiting`, `failed`, `proven`: subscribed, without a test; with one
 * that was not shown yet; with one that its push service has not taken; and the phone has shown a notice.
 */
export type NoticeState = "unknown" | "off" | "unsupported" | "refused" | "impossible" | "ask" | "unproven" | "waiting" | "failed" | "proven";

const PATIENCE_MS = 10_000;
const LOOKS = 10;
const LOOK_MS = 3_000;

const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export class Notices {
  readonly #parts: NoticeParts;
  readonly #rest: (ms: number) => Promise<void>;
  told = $state.raw<Push | null>(null);
  busy = $state(false);
  problem = $state<string | null>(null);
  #impossible = $state(false);
  #permission = $state<"unsupported" | NotificationPermission>("default");
  #here = $state(false);

  constructor(parts: NoticeParts) {
    this.#parts = parts;
    this.#rest = parts.rest ?? later;
  }

  readonly state = $derived.by<NoticeState>(() => {
    const { told } = this;
    if (!told) return "unknown";
    if (told.key === null) return "off";
    if (this.#permission === "unsupported") return "unsupported";
    if (this.#permission === "denied") return "refused";
    if (this.#impossible) return "impossible";
    if (!told.subscribed || !this.#here) return "ask";
    const { test, proven_at } = told;
    const proved = proven_at && (!test || test.shown_at || Date.parse(proven_at) >= Date.parse(test.asked_at));
    if (proved) return "proven";
    if (test?.fault) return "failed";
    return test ? "waiting" : "unproven";
  });

  /** Compares what the browser has with what the server knows. Never asks the person, and holds up nothing. */
  start(): () => void {
    const onMessage = (event: Event): void => void ((event as MessageEvent).data === "notice shown" && this.#try(() => this.#read()));
    this.#parts.container?.addEventListener("message", onMessage);
    void this.#try(() => this.#compare());
    return () => this.#parts.container?.removeEventListener("message", onMessage);
  }

  /** Subscribes if need be, asking the person, and sends a test. */
  async test(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await this.#try(async () => {
      this.#impossible = false;
      this.#permission = await this.#parts.ask();
      if (this.#permission !== "granted" || !this.told?.key) return;
      if (!(await this.#subscribe(this.told.key))) return;
      this.told = await this.#parts.calls.test();
    });
    this.busy = false;
    for (let look = 0; look < LOOKS && this.state === "waiting"; look += 1) {
      await this.#rest(LOOK_MS);
      await this.#try(() => this.#read());
    }
  }

  /** Ends notices on this phone. */
  async end(): Promise<void> {
    await this.#try(async () => {
      await this.#parts.calls.end();
      const manager = await this.#manager();
      await (await this.#within(manager?.getSubscription()))?.unsubscribe().catch(() => undefined);
      await this.#read();
      this.#here = false;
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.code;
    }
  }

  async #read(): Promise<void> {
    this.told = await this.#parts.calls.read();
  }

  async #compare(): Promise<void> {
    await this.#read();
    this.#permission = this.#parts.permission();
    const key = this.told?.key;
    if (!key || this.#permission === "unsupported") return;
    const found = await this.#within((await this.#manager())?.getSubscription());
    if (found && this.#permission === "granted") await this.#subscribe(key);
    else if (this.told?.subscribed) await this.#parts.calls.end().then(() => this.#read());
  }

  /** Subscribes under the server's key, in the place of another key's subscription. False where the browser cannot. */
  async #subscribe(key: string): Promise<boolean> {
    const manager = await this.#manager();
    let found = await this.#within(manager?.getSubscription());
    if (found && keyOf(found) !== key) {
      await this.#within(found.unsubscribe().catch(() => false));
      found = null;
    }
    found ??= await this.#within(manager?.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    const { endpoint, keys } = found?.toJSON() ?? {};
    if (!endpoint || !keys?.p256dh || !keys.auth) {
      this.#impossible = true;
      return false;
    }
    this.told = await this.#parts.calls.keep({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth }, language: this.#parts.language() });
    this.#here = true;
    return true;
  }

  async #manager(): Promise<PushManager | undefined> {
    return (await this.#within(this.#parts.container?.ready))?.pushManager;
  }

  /** Waits for a browser that may never answer: a push service that it does not reach keeps some silent. */
  #within<T>(promise: Promise<T> | undefined): Promise<T | null> {
    const given = this.#rest(this.#parts.patienceMs ?? PATIENCE_MS).then(() => null);
    return Promise.race([promise?.catch(() => null) ?? null, given]);
  }
}

function keyOf(found: PushSubscription): string {
  const bytes = new Uint8Array(found.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
