import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { at, county, events, force, incident, NOW, snapshot, task } from "../testing/bodies";
import { FakeBrowser, type Answer } from "../testing/browser";
import { AppState } from "./app.svelte";

const HAND_RESTS_MS = 150;

let browser: FakeBrowser;
let app: AppState;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  browser = new FakeBrowser();
  app = new AppState(browser);
  app.session.county = county;
});
afterEach(() => void vi.useRealTimers());

describe("the live picture", () => {
  it("orders the queue by what waits, risk and age, and keeps it so", () => {
    const { live } = app.scenes;
    live.load(snapshot({ incidents: [incident(1), incident(2, { risk: "high" }), incident(3, { status: "assigned" } as object)] }));
    expect(live.queue.map(({ id }) => id)).toEqual([2, 1, 3]);
    live.apply(events(10, 11, [{ kind: "incident", id: 2, version: 2, body: incident(2, { version: 2, status: "closed" } as object) }]));
    expect(live.queue.map(({ id }) => id)).toEqual([1, 3]);
    expect(live.waiting.map(({ id }) => id)).toEqual([1]);
    expect(live.closed.length).toBe(1);
  });

  it("counts a force as free until a task of its own is active", () => {
    const { live } = app.scenes;
    live.load(snapshot({ forces: [force(7), force(8, { duty: "off" })] }));
    expect(live.freeCount).toBe(1);
    live.apply(events(10, 11, [{ kind: "task", id: 5, version: 1, body: task(5) }]));
    expect([live.freeCount, live.activeTasksOf(1)[0]?.id, live.busy.get(7)?.id]).toEqual([0, 5, 5]);
    live.apply(events(11, 12, [{ kind: "task", id: 5, version: 2, gone: true, body: null }]));
    expect(live.freeCount).toBe(1);
  });

  it("keeps nothing of a force that is gone, its position neither", () => {
    const { live } = app.scenes;
    const fixes = { force: [7], lon: [120.5], lat: [31], at: [NOW], speed: [null], heading: [null], accuracy: [null] };
    live.load(snapshot({ forces: [force(7)], fixes }));
    expect(live.fleet.where(7)).toEqual([120.5, 31]);
    live.apply(events(10, 11, [{ kind: "force", id: 7, version: 2, gone: true, body: null }]));
    expect([live.force(7), live.forces.size, live.freeCount, live.fleet.where(7)]).toEqual([undefined, 0, 0, undefined]);
  });

  it("finds the likely duplicates of an incident either way", () => {
    const { live } = app.scenes;
    live.load(snapshot({ incidents: [incident(1), incident(2, { duplicate_of: 1 }), incident(3)] }));
    const twins = (id: number) => live.duplicatesOf(live.incident(id) as NonNullable<ReturnType<typeof live.incident>>).map((one) => one.id);
    expect([twins(1), twins(2), twins(3)]).toEqual([[2], [1], []]);
  });

  it("has overdue what waits past its first response time", () => {
    app.scenes.live.load(snapshot({ incidents: [incident(1, { first_due_at: at(-1) }), incident(2, { first_due_at: at(1) })] }));
    expect(app.scenes.overdue.map(({ id }) => id)).toEqual([1]);
    vi.advanceTimersByTime(61_000);
    expect(app.scenes.overdue.map(({ id }) => id).sort()).toEqual([1, 2]);
  });
});

describe("the past", () => {
  const moment = NOW - 3_600_000;
  const then = snapshot({ incidents: [incident(9)], at: at(-60) });

  beforeEach(() => app.scenes.live.load(snapshot({ incidents: [incident(1)] })));

  it("takes the place of the live picture once it has come", async () => {
    browser.answer("GET /api/replay", then);
    app.scenes.show(moment);
    expect(app.scenes.current).toBe(app.scenes.live);
    expect([app.scenes.replaying, app.scenes.loading, app.scenes.now]).toEqual([true, true, moment]);
    await vi.advanceTimersByTimeAsync(HAND_RESTS_MS);
    expect(app.scenes.current.queue.map(({ id }) => id)).toEqual([9]);
    expect(app.scenes.loading).toBe(false);
  });

  it("is fetched only where the hand rests", async () => {
    browser.answer("GET /api/replay", then);
    for (let step = 0; step < 5; step++) {
      app.scenes.show(moment + step);
      await vi.advanceTimersByTimeAsync(HAND_RESTS_MS - 1);
    }
    await vi.advanceTimersByTimeAsync(1);
    expect(browser.asked("GET /api/replay")).toHaveLength(1);
  });

  it("shows the moment asked for last, whichever answer comes last", async () => {
    const answers: ((answer: Answer) => void)[] = [];
    browser.answers.set("GET /api/replay", () => new Promise((give) => answers.push(give)));
    for (const minutes of [0, 1]) {
      app.scenes.show(moment + minutes * 60_000);
      await vi.advanceTimersByTimeAsync(HAND_RESTS_MS);
    }
    answers[1]?.({ body: snapshot({ incidents: [incident(2)] }) });
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.({ body: then });
    await vi.advanceTimersByTimeAsync(0);
    expect(app.scenes.current.queue.map(({ id }) => id)).toEqual([2]);
  });

  it("leads back to live, where the feed has gone on", async () => {
    browser.answer("GET /api/replay", then);
    app.scenes.show(moment);
    await vi.advanceTimersByTimeAsync(HAND_RESTS_MS);
    app.scenes.live.apply(events(10, 11, [{ kind: "incident", id: 2, version: 1, body: incident(2) }]));
    expect(app.scenes.current.incident(2)).toBeUndefined();
    app.scenes.back();
    expect(app.scenes.current.queue.map(({ id }) => id)).toEqual([1, 2]);
    expect(app.scenes.now).toBe(app.clock.now);
  });

  it("leads back by itself when it cannot be fetched", async () => {
    browser.refuse("GET /api/replay", 404, "not_found");
    app.scenes.show(moment);
    await vi.advanceTimersByTimeAsync(HAND_RESTS_MS);
    expect(app.scenes.replaying).toBe(false);
  });
});
