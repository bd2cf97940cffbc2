/** A browser for tests of state: sockets that a test opens and speaks through, and answers that a test gives. */

import type { Platform } from "../wire/platform";
import { FakePreference } from "./preference";
import type { Frame } from "../wire/types";

export class FakeSocket {
  readyState = 0;
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly address: string) {}

  /** The server lets the page in. */
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The server sends a frame. */
  receive(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** Either side ends it. */
  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.();
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
}

/** An answer: a status of its own with a problem's code, or a body. Undefined is an empty answer. */
export type Answer = { status: number; code: string } | { body: unknown } | "unreachable";
export type Request = { method: string; path: string; body: unknown; headers: Record<string, string> };

export class FakeBrowser implements Platform {
  readonly requests: Request[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly stored = new Map<string, string>();
  readonly events = new EventTarget();
  /** Answers by `METHOD /path`, without the query. What is not here is not found. */
  readonly answers = new Map<string, Answer | ((request: Request) => Answer | Promise<Answer>)>();
  window: readonly [number, number] = [1920, 1080];
  reloads = 0;
  readonly prefersLight = new FakePreference();

  readonly storage = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
  };

  readonly keeps = false;

  readonly location = {
    protocol: "https:",
    host: "hall.example",
    origin: "https://hall.example",
    prefix: "",
    reload: () => void (this.reloads += 1),
  };

  /** What follows `?` in the address. */
  search = "";
  keptByTab: unknown = null;
  readonly address = {
    params: () => new URLSearchParams(this.search),
    replace: (params: URLSearchParams) => void (this.search = String(params)),
    kept: () => this.keptByTab,
    keep: (value: unknown) => void (this.keptByTab = structuredClone(value)),
  };

  /** Other windows of this browser: what one posts, the rest receive. */
  others: FakeBrowser[] = [];
  readonly #listeners = new Map<string, (message: unknown) => void>();
  readonly channel = (name: string, onMessage: (message: unknown) => void) => {
    this.#listeners.set(name, onMessage);
    const post = (message: unknown) => this.others.forEach((other) => other.#listeners.get(name)?.(structuredClone(message)));
    return { post, close: () => void this.#listeners.delete(name) };
  };

  readonly windows: { address: string; closed: boolean; focus: () => void }[] = [];
  openWindow = (address: string) => {
    const opened = { address, closed: false, focus: () => undefined };
    this.windows.push(opened);
    return opened;
  };

  saved: string[] = [];
  opened: string[] = [];
  opensWindows = true;
  readonly files = {
    save: ({ name }: { name: string }) => void this.saved.push(name),
    show: ({ name }: { name: string }) => this.opensWindows && this.opened.push(name) > 0,
  };

  /** How many hold the screen on. */
  awake = 0;
  refusesAwake = false;
  #onAsleep: () => void = () => undefined;
  readonly keepAwake = (onEnd: () => void): Promise<(() => void) | null> => {
    if (this.refusesAwake) return Promise.resolve(null);
    this.awake += 1;
    this.#onAsleep = onEnd;
    return Promise.resolve(() => void (this.awake -= 1));
  };

  /** The browser lets the screen go, as when the page is out of sight. */
  fallAsleep(): void {
    this.awake -= 1;
    this.#onAsleep();
  }

  readonly audio = () => null;
  vibrated: number[][] = [];
  readonly vibrate = (pattern: number[]) => void this.vibrated.push(pattern);
  shown: string[] = [];
  hidden = false;
  allows: "unsupported" | NotificationPermission = "unsupported";
  readonly notifications = {
    permission: () => this.allows,
    ask: async (): Promise<NotificationPermission> => (this.allows = "granted"),
    show: (text: string) => void this.shown.push(text),
    hidden: () => this.hidden,
  };

  readonly size = () => this.window;

  readonly connect = (address: string): WebSocket => {
    const socket = new FakeSocket(address);
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  };

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = {
      method: init?.method ?? "GET",
      path: String(input),
      body: typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
      headers: init?.headers as Record<string, string>,
    };
    this.requests.push(request);
    const found = this.answers.get(`${request.method} ${request.path.split("?")[0]}`) ?? { status: 404, code: "not_found" };
    return responseOf(typeof found === "function" ? await found(request) : found);
  };

  /** The socket that was opened last. */
  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }

  answer(call: string, body: unknown): void {
    this.answers.set(call, { body });
  }

  /** The server cannot be reached by this call. */
  cut(call: string): void {
    this.answers.set(call, "unreachable");
  }

  refuse(call: string, status: number, code: string): void {
    this.answers.set(call, { status, code });
  }

  /** The paths of the requests made so far that begin with `call`. */
  asked(call: string): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`).filter((one) => one.startsWith(call));
  }
}

/** Only what the client reads of a response. A real one answers a few turns of the event loop later. */
function responseOf(answer: Answer): Response {
  if (answer === "unreachable") throw new TypeError("Failed to fetch");
  const [status, body] = "status" in answer ? [answer.status, { code: answer.code }] : [answer.body === undefined ? 204 : 200, answer.body];
  const parts = body === undefined ? [] : [new TextEncoder().encode(JSON.stringify(body))];
  const read = () => Promise.resolve({ done: parts.length === 0, value: parts.shift() });
  const whole = { text: () => Promise.resolve(JSON.stringify(body)), blob: () => Promise.resolve(new Blob([])) };
  return { ok: status < 400, status, headers: new Headers(), body: { getReader: () => ({ read }) }, ...whole } as unknown as Response;
}
