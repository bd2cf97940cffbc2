import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANSWER_WITHIN_MS, Client } from "./client";

/** What the next requests meet: a dead connection, one that goes mute in its answer, a slow answer, or an answer. */
let meets: ("dead" | "mute" | "slow" | "answer")[];
let requests: (string | null)[];

const fetched: typeof fetch = (_, init) => {
  requests.push(new Headers(init?.headers).get("Idempotency-Key"));
  const met = meets.shift();
  if (met === "answer") return Promise.resolve(Response.json({ done: true }));
  if (met === "mute" || met === "slow") return Promise.resolve(new Response(bytes(met, init?.signal)));
  return new Promise((_, refuse) => init?.signal?.addEventListener("abort", () => refuse(init.signal?.reason as Error)));
};

/** `{"done":true}` a byte every ten seconds; a mute one stops after the first. */
function bytes(met: "mute" | "slow", signal?: AbortSignal | null): ReadableStream {
  const all = new TextEncoder().encode('{"done":true}');
  let sent = 0;
  return new ReadableStream({
    start: (stream) => signal?.addEventListener("abort", () => stream.error(signal.reason)),
    pull: async (stream) => {
      if (sent > 0 && met === "mute") return new Promise(() => undefined);
      if (sent === all.length) return stream.close();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      stream.enqueue(all.slice(sent, ++sent));
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  requests = [];
});
afterEach(() => vi.useRealTimers());

describe("a request on a dead connection", () => {
  it.each([
    ["GET", {}],
    ["POST", { key: "k1" }],
  ])("is sent again in time: %s", async (method, options) => {
    meets = ["dead", "answer"];
    const answer = new Client({ fetch: fetched }).call(method, "/api/x", options);
    await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS);
    expect(await answer).toEqual({ done: true });
    expect(new Set(requests).size).toBe(1);
  });

  it("is not sent again where it would act twice", async () => {
    meets = ["dead", "answer"];
    const refused = expect(new Client({ fetch: fetched }).call("POST", "/api/x")).rejects.toMatchObject({ code: "unreachable" });
    await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS);
    await refused;
    expect(requests).toHaveLength(1);
  });

  it("ends as unreachable when the second is dead too", async () => {
    meets = ["dead", "dead"];
    const refused = expect(new Client({ fetch: fetched }).call("GET", "/api/x")).rejects.toMatchObject({ status: 0 });
    await vi.advanceTimersByTimeAsync(2 * ANSWER_WITHIN_MS);
    await refused;
    expect(requests).toHaveLength(2);
  });

  it.each(["GET", "POST"])("that goes mute in its answer is given up: %s", async (method) => {
    meets = ["mute", "answer"];
    const answer = new Client({ fetch: fetched }).call(method, "/api/x").catch((problem: unknown) => problem);
    await vi.advanceTimersByTimeAsync(10_000 + ANSWER_WITHIN_MS);
    expect(await answer).toMatchObject(method === "GET" ? { done: true } : { code: "unreachable" });
  });

  it("is waited for while its answer comes, however slowly", async () => {
    meets = ["slow"];
    const answer = new Client({ fetch: fetched }).call("GET", "/api/x");
    await vi.advanceTimersByTimeAsync(200_000);
    expect(await answer).toEqual({ done: true });
    expect(requests).toHaveLength(1);
  });

  it("ends with the caller's own reason when the caller gives it up", async () => {
    meets = ["dead"];
    const given = new AbortController();
    const refused = expect(new Client({ fetch: fetched }).call("GET", "/api/x", { signal: given.signal })).rejects.toMatchObject({ name: "AbortError" });
    given.abort();
    await refused;
    expect(requests).toHaveLength(1);
  });
});
