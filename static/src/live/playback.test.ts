import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { at, county, incident, NOW, snapshot } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { AppState } from "./app.svelte";
import { urgencyOf } from "./urgency";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./playback.svelte";

let browser: FakeBrowser;
let app: AppState;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  browser = new FakeBrowser();
  app = new AppState(browser);
  app.session.county = county;
  app.scenes.live.load(snapshot({ incidents: [incident(1)] }));
  browser.answer("GET /api/replay", snapshot({ incidents: [incident(9)], at: at(-60) }));
});
afterEach(() => {
  app.playback.back();
  vi.useRealTimers();
});

const minutesAgo = () => Math.round((NOW - (app.scenes.moment ?? NaN)) / MINUTE_MS);

describe("playing a replay", () => {
  it("begins an hour ago, goes on at its speed, and stops when paused", async () => {
    app.playback.toggle();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([app.playback.playing, minutesAgo()]).toEqual([true, 50]);
    app.playback.toggle();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([app.playback.playing, minutesAgo()]).toEqual([false, 50]);
    app.playback.faster(1);
    app.playback.play();
    await vi.advanceTimersByTimeAsync(2_000);
    expect([app.playback.speed, minutesAgo()]).toEqual([300, 40]);
  });

  it("leads back to live when it has reached now", async () => {
    app.playback.step(-2 * MINUTE_MS);
    app.playback.play();
    await vi.advanceTimersByTimeAsync(5_000);
    expect([app.playback.playing, app.scenes.replaying]).toEqual([false, false]);
  });

  it("asks for one moment at a time, however fast it plays", async () => {
    browser.answers.set("GET /api/replay", () => new Promise(() => undefined));
    app.playback.speed = 900;
    app.playback.play();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(browser.asked("GET /api/replay")).toHaveLength(1);
  });

  it("steps by days within what is kept", () => {
    app.playback.keptFrom = NOW - 2 * DAY_MS;
    app.playback.step(-DAY_MS);
    expect(app.scenes.moment).toBe(NOW - DAY_MS);
    app.playback.step(-3 * DAY_MS);
    expect(app.scenes.moment).toBe(NOW - 2 * DAY_MS + MINUTE_MS);
    app.playback.step(DAY_MS - HOUR_MS);
    expect(app.scenes.moment).toBe(NOW - DAY_MS - HOUR_MS + MINUTE_MS);
    app.playback.step(3 * DAY_MS);
    expect(app.scenes.replaying).toBe(false);
  });

  it("has speeds up to the fastest and down to the slowest", () => {
    for (let i = 0; i < 9; i++) app.playback.faster(1);
    expect(app.playback.speed).toBe(900);
    for (let i = 0; i < 9; i++) app.playback.faster(-1);
    expect(app.playback.speed).toBe(1);
  });
});

describe("what is known of a moment", () => {
  it("is nothing until it has loaded, and the live figures are not shown for it", async () => {
    app.scenes.show(NOW - HOUR_MS);
    expect(app.scenes.known).toBe("nothing");
    await vi.advanceTimersByTimeAsync(200);
    expect(app.scenes.known).toBe("all");
  });

  it("is only what was closed before the record began", async () => {
    browser.answer("GET /api/replay", snapshot({ incidents: [incident(9, { risk: "high" })], at: at(-60), recorded_from: at(-30) }));
    app.scenes.show(NOW - HOUR_MS);
    await vi.advanceTimersByTimeAsync(200);
    expect([app.scenes.known, app.scenes.recordedFrom]).toEqual(["closed", at(-30)]);
    expect(app.scenes.overdue).toEqual([]);
    const [open] = app.scenes.current.queue;
    expect([open?.id, app.scenes.current.waiting.length, open && urgencyOf(open, NOW, "high")]).toEqual([9, 0, "closed"]);
    app.scenes.back();
    expect([app.scenes.known, app.scenes.recordedFrom]).toEqual(["all", null]);
  });
});
