import { beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../wire/client";
import type { Push, PushIn } from "../../wire/push";
import { Notices, type NoticeParts } from "./notices.svelte";

const KEY = "BAEC";
const OFF: Push = { key: KEY, subscribed: false, made_at: null, proven_at: null, failing_since: null, fault: null, test: null };
const ON: Push = { ...OFF, subscribed: true, made_at: "2026-03-02T02:00:00Z" };
const TEST = { asked_at: "2026-03-02T02:01:00Z", taken_at: null, shown_at: null, fault: null };
const SHOWN: Push = { ...ON, proven_at: "2026-03-02T02:01:03Z", test: { ...TEST, shown_at: "2026-03-02T02:01:03Z" } };

class Browser {
  subscription: { key: string; endpoint: string } | null = null;
  permission: NotificationPermission = "granted";
  /** Never answers, as a browser without a push service. */
  silent = false;
  asked = 0;

  get #found(): PushSubscription | null {
    const { subscription } = this;
    if (!subscription) return null;
    const bytes = Uint8Array.from(atob(subscription.key), (letter) => letter.charCodeAt(0));
    return {
      options: { applicationServerKey: bytes.buffer },
      toJSON: () => ({ endpoint: subscription.endpoint, keys: { p256dh: "p", auth: "a" } }),
      unsubscribe: async () => ((this.subscription = null), true),
    } as never;
  }

  manager = {
    getSubscription: async () => this.#found,
    subscribe: (options: { applicationServerKey: string }) => {
      if (this.silent) return new Promise(() => undefined);
      this.subscription = { key: options.applicationServerKey, endpoint: `https://push.example/${++this.asked}` };
      return Promise.resolve(this.#found);
    },
  };
}

let browser: Browser;
let said: string[];
let answers: Push[];
let parts: NoticeParts;
let worker: EventTarget;

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
};

beforeEach(() => {
  browser = new Browser();
  said = [];
  answers = [OFF];
  worker = new EventTarget();
  const told = (name: string) => async () => (said.push(name), answers.length > 1 ? (answers.shift() as Push) : (answers[0] as Push));
  parts = {
    calls: { read: told("read"), keep: async (one: PushIn) => told(`keep ${one.endpoint}`)(), test: told("test"), end: async () => void said.push("end") },
    container: Object.assign(worker, { ready: Promise.resolve({ pushManager: browser.manager }) }) as never,
    permission: () => browser.permission,
    ask: async () => browser.permission,
    language: () => "zh",
    rest: () => new Promise((done) => setTimeout(done, 0)),
  };
});

async function started(): Promise<Notices> {
  const notices = new Notices(parts);
  notices.start();
  await settled();
  return notices;
}

describe("notices on a phone", () => {
  it("are not spoken of where the server sends none, and not promised where the browser cannot", async () => {
    answers = [{ ...OFF, key: null }];
    expect((await started()).state).toBe("off");
    answers = [OFF];
    parts = { ...parts, permission: () => "unsupported" };
    expect((await started()).state).toBe("unsupported");
    browser.permission = "denied";
    parts = { ...parts, permission: () => browser.permission };
    expect((await started()).state).toBe("refused");
  });

  it("are asked for by a press alone, and proven when the phone has shown the test", async () => {
    const notices = await started();
    expect([notices.state, browser.asked]).toEqual(["ask", 0]);
    answers = [ON, { ...ON, test: TEST }, { ...ON, test: TEST }, SHOWN];
    await notices.test();
    expect(said).toEqual(["read", "keep https://push.example/1", "test", "read", "read"]);
    expect(notices.state).toBe("proven");
  });

  it("are impossible where the browser stays silent, and the press comes back", async () => {
    const notices = await started();
    browser.silent = true;
    await notices.test();
    expect([notices.state, notices.busy]).toEqual(["impossible", false]);
    expect(said).toEqual(["read"]);
    browser.silent = false;
    answers = [ON, SHOWN];
    await notices.test();
    expect(notices.state).toBe("proven");
  });

  it("say what the push service answered", async () => {
    const notices = await started();
    answers = [ON, { ...ON, test: TEST }, { ...ON, test: { ...TEST, fault: "ConnectError" } }];
    await notices.test();
    expect(notices.state).toBe("failed");
  });

  it("are compared at each start: another key subscribes anew, and what the browser has lost is ended", async () => {
    browser.subscription = { key: "BAEF", endpoint: "https://push.example/old" };
    answers = [ON, ON];
    expect((await started()).state).toBe("unproven");
    expect([browser.subscription?.key, said]).toEqual([KEY, ["read", "keep https://push.example/1"]]);
    browser.subscription = null;
    said = [];
    answers = [ON, OFF];
    expect((await started()).state).toBe("ask");
    expect(said).toEqual(["read", "end", "read"]);
  });

  it("are proven by the worker's word while the page is open, and survive a server that is away", async () => {
    browser.subscription = { key: KEY, endpoint: "https://push.example/1" };
    answers = [ON, ON, SHOWN];
    const notices = await started();
    worker.dispatchEvent(new MessageEvent("message", { data: "notice shown" }));
    await settled();
    expect(notices.state).toBe("proven");
    parts.calls.test = () => Promise.reject(new ApiError(0, "unreachable"));
    await notices.test();
    expect([notices.problem, notices.state]).toEqual(["unreachable", "proven"]);
  });

  it("end by a press, on the server and in the browser", async () => {
    browser.subscription = { key: KEY, endpoint: "https://push.example/1" };
    answers = [SHOWN, SHOWN, OFF];
    const notices = await started();
    await notices.end();
    expect([notices.state, browser.subscription, said.includes("end")]).toEqual(["ask", null, true]);
  });
});
