import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Kept } from "../../live/kept";
import { ApiError } from "../../wire/client";
import { betterPlace, CANCEL_MS, HOLD_MS, SAID_WITHIN_MS, SosCall, type Place } from "./soscall.svelte";

let kept: Map<string, string>;
let said: unknown[];
let answer: () => Promise<boolean>;
let fix: { coords: { longitude: number; latitude: number; accuracy: number }; timestamp: number } | null;

function call(): SosCall {
  return new SosCall({
    calls: { callForHelp: (one: unknown) => (said.push(one), answer()) },
    platform: { vibrate: () => undefined },
    kept: new Kept({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }, { name: "sos", user: 1 }),
    geolocation: { getCurrentPosition: (found) => void (fix && found(fix as GeolocationPosition)) },
    now: () => Date.now(),
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  [kept, said, fix] = [new Map(), [], null];
  answer = () => Promise.resolve(true);
});
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const offline = () => Promise.reject(new ApiError(0, "unreachable"));

describe("a call for help", () => {
  it("needs three seconds, and can be taken back for five", async () => {
    const sos = call();
    sos.hold(7);
    await pass(HOLD_MS - 10);
    sos.release();
    expect(sos.state).toBe("idle");
    sos.hold(7);
    await pass(HOLD_MS);
    expect(sos.state).toBe("counting");
    sos.release();
    expect(sos.state).toBe("counting");
    sos.cancel();
    await pass(60_000);
    expect([sos.state, said]).toEqual(["idle", []]);
  });

  it("is sent with where and when it was called, and says so", async () => {
    fix = { coords: { longitude: 120.6, latitude: 31.1, accuracy: 9 }, timestamp: 999_000 };
    const sos = call();
    sos.hold(7);
    await pass(HOLD_MS + CANCEL_MS);
    expect(sos.state).toBe("sent");
    expect(said).toEqual([{ force: 7, at: 1_003_000, place: { lon: 120.6, lat: 31.1, accuracy: 9, at: 999_000 } }]);
  });

  it("sends no place of this morning: the hall has the last one, with its age", async () => {
    fix = { coords: { longitude: 120.6, latitude: 31.1, accuracy: 2 }, timestamp: 1_000_000 - 3 * 3_600_000 };
    const sos = call();
    sos.hold(7);
    await pass(HOLD_MS + CANCEL_MS);
    expect(said).toMatchObject([{ place: null }]);
  });

  it("says within a second that it is not sent, and is sent later with the time of the call, over a reload too", async () => {
    answer = () => new Promise(() => undefined);
    const sos = call();
    sos.hold(7);
    await pass(HOLD_MS + CANCEL_MS + SAID_WITHIN_MS);
    expect(sos.state).toBe("unsent");
    sos.stop();
    answer = offline;
    const after = call();
    after.resume(8);
    expect(after.state).toBe("idle");
    after.resume(7);
    await pass(600_000);
    expect(after.state).toBe("unsent");
    answer = () => Promise.resolve(true);
    after.again();
    await pass(0);
    expect(after.state).toBe("sent");
    expect(said.at(-1)).toMatchObject({ at: 1_003_000 });
    call().resume(7);
    expect(kept.get("maplebridge.sos.1")).toBe("");
  });

  it("does not call itself sent when the server refused it", async () => {
    answer = () => Promise.resolve(false);
    const sos = call();
    sos.hold(7);
    await pass(HOLD_MS + CANCEL_MS);
    expect(sos.state).toBe("refused");
  });
});

it("takes the fresh fix, not the exact old one", () => {
  const old: Place = { lon: 1, lat: 1, accuracy: 2, at: 0 };
  const fresh: Place = { lon: 2, lat: 2, accuracy: 12, at: 3 * 3_600_000 };
  expect(betterPlace(old, fresh)).toBe(fresh);
  expect(betterPlace(fresh, old)).toBe(fresh);
  expect(betterPlace(fresh, { ...fresh, accuracy: 5 }).accuracy).toBe(5);
});
