import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANSWER_WITHIN_MS, Client } from "./client";

/** What the next requests meet: a connection that is dead, or an answer. */
let meets: ("dead" | "answer")[];
let requests: (string | null)[];

const fetched: typeof fetch = (_, init) => {
  requests.push(new Headers(init?.headers).get("Idempotency-Key"));
  if (meets.shift() === "answer") return Promise.resolve(Response.json({ done: true }));
  return new Promise((_, refuse) => init?.signal?.addEventListener("abort", () => refuse(init.signal?.reason as Error)));
};

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

  it("ends with the caller's own reason when the caller gives it up", async () => {
    meets = ["dead"];
    const given = new AbortController();
    const refused = expect(new Client({ fetch: fetched }).call("GET", "/api/x", { signal: given.signal })).rejects.toMatchObject({ name: "AbortError" });
    given.abort();
    await refused;
    expect(requests).toHaveLength(1);
  });
});
