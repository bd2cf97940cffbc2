import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Applied } from "../wire/apply";
import type { Frame } from "../wire/types";
import { at, county, events, force, incident, me, NOW, snapshot } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { AppState } from "./app.svelte";
import { Feed } from "./feed.svelte";

const LONGEST_FIRST_DELAY_MS = 400;
const changed = (id: number, version: number, status = "registered") => ({
  kind: "incident" as const,
  id,
  version,
  body: incident(id, { version, status } as object),
});

let browser: FakeBrowser;
let app: AppState;
let applied: Applied[];
let loaded: number;
let feed: Feed;

/** Lets everything that needs no time happen. */
const settled = () => vi.advanceTimersByTimeAsync(0);

async function started(): Promise<void> {
  await feed.start();
  browser.socket.open();
  browser.socket.receive({ t: "hello", epoch: "e1", pos: 10, now: at(0) });
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 16));
  browser = new FakeBrowser();
  browser.answer("GET /api/session", me);
  browser.answer("GET /api/county", county);
  browser.answer("GET /api/snapshot", snapshot({ incidents: [incident(1)] }));
  app = new AppState(browser);
  [applied, loaded] = [[], 0];
  feed = new Feed(app, { onApplied: (one) => applied.push(one), onLoaded: () => (loaded += 1) });
});

afterEach(() => {
  feed.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a beat with other lines", () => {
  it("has names fetched anew, once, and gives tiles another address", async () => {
    await started();
    app.session.county = county as never;
    app.session.lines = "v1";
    const fetched = vi.spyOn(app.divisions, "fetch").mockResolvedValue();
    for (const lines of ["v1", "v2", "v2"]) browser.socket.receive({ t: "beat", pos: 10, now: at(1), lines } as never);
    await settled();
    expect([app.session.lines, fetched.mock.calls.length]).toEqual(["v2", 1]);
  });
});

describe("a feed that starts", () => {
  it("takes the snapshot first and the events from where it stands", async () => {
    await started();
    expect(app.scenes.live.incident(1)?.title).toBe("#1");
    expect(browser.socket.address).toBe("wss://hall.example/api/live?since=e1%3A10");
    expect([app.link.state, loaded]).toEqual(["live", 1]);
  });

  it("asks for the wall's view where it is the wall's", async () => {
    const wall = new Feed(app, { wall: true });
    await wall.start();
    expect(browser.asked("GET /api/snapshot")).toEqual(["GET /api/snapshot?wall=true"]);
    expect(browser.socket.address).toContain("wall=true");
    wall.stop();
  });

  it("tries again while the server cannot be reached", async () => {
    browser.cut("GET /api/snapshot");
    const starting = feed.start();
    await vi.advanceTimersByTimeAsync(6_500);
    expect(browser.sockets).toHaveLength(0);
    browser.answer("GET /api/snapshot", snapshot());
    await vi.advanceTimersByTimeAsync(3_000);
    await starting;
    expect(browser.asked("GET /api/snapshot")).toHaveLength(4);
    expect(browser.sockets).toHaveLength(1);
  });

  it.each([401, 403])("does not try again when it is refused with %i", async (status) => {
    browser.refuse("GET /api/snapshot", status, "access.forbidden");
    await expect(feed.start()).rejects.toMatchObject({ status });
  });

  it("opens no socket when it was stopped meanwhile", async () => {
    const starting = feed.start();
    feed.stop();
    await starting;
    expect(browser.sockets).toHaveLength(0);
  });
});

describe("a frame of events", () => {
  it("changes the scene, ends what was pending, and is passed on", async () => {
    await started();
    app.pending.begin(1);
    browser.socket.receive(events(10, 11, [changed(1, 2, "assigned")]));
    expect(app.scenes.live.incident(1)?.status).toBe("assigned");
    expect(app.pending.has(1)).toBe(false);
    expect([...(applied[0]?.incident ?? [])]).toEqual([1]);
  });

  it("takes away what is gone", async () => {
    await started();
    browser.socket.receive(events(10, 11, [{ kind: "incident", id: 1, version: 2, gone: true, body: null }]));
    expect(app.scenes.live.incident(1)).toBeUndefined();
    expect(app.scenes.live.queue).toEqual([]);
  });

  it("leaves what is pending of other incidents", async () => {
    await started();
    app.pending.begin(1);
    browser.socket.receive(events(10, 11, [changed(2, 1)]));
    expect(app.pending.has(1)).toBe(true);
  });
});

describe("a gap", () => {
  it("is mended by a fresh snapshot and a new socket from there", async () => {
    await started();
    app.pending.begin(1);
    browser.answer("GET /api/snapshot", snapshot({ pos: 20, incidents: [incident(1), incident(2)] }));
    browser.socket.receive(events(12, 13, [changed(9, 1)]));
    expect(app.scenes.live.incident(9)).toBeUndefined();
    await settled();
    expect(app.scenes.live.queue.map(({ id }) => id)).toEqual([1, 2]);
    expect(browser.socket.address).toContain("since=e1%3A20");
    expect([browser.sockets.length, loaded, app.pending.has(1)]).toEqual([2, 2, false]);
  });

  it("is mended once, however many frames say so", async () => {
    await started();
    browser.socket.receive(events(12, 13));
    browser.socket.receive(events(13, 14));
    browser.socket.receive({ t: "resync", reason: "too_old" });
    await settled();
    expect(browser.asked("GET /api/snapshot")).toHaveLength(2);
    expect(browser.sockets).toHaveLength(2);
  });

  it("ends what a tombstone remembers: a fresh snapshot decides", async () => {
    await started();
    browser.socket.receive(events(10, 11, [{ kind: "incident", id: 1, version: 5, gone: true, body: null }]));
    browser.answer("GET /api/snapshot", snapshot({ epoch: "e2", pos: 1, incidents: [incident(1, { version: 1 })] }));
    browser.socket.receive({ t: "resync", reason: "epoch" });
    await settled();
    expect(app.scenes.live.incident(1)?.version).toBe(1);
    expect(browser.socket.address).toContain("since=e2%3A1");
  });
});

describe("a link that breaks", () => {
  it("is opened again from the position reached", async () => {
    await started();
    browser.socket.receive(events(10, 14));
    browser.socket.close();
    expect(app.link.state).toBe("down");
    await vi.advanceTimersByTimeAsync(LONGEST_FIRST_DELAY_MS);
    expect(browser.sockets).toHaveLength(2);
    expect(browser.socket.address).toContain("since=e1%3A14");
    browser.socket.open();
    expect(app.link.open).toBe(true);
    expect(browser.asked("GET /api/snapshot")).toHaveLength(1);
  });

  it("is taken for broken after fifteen silent seconds", async () => {
    await started();
    await vi.advanceTimersByTimeAsync(15_000 + LONGEST_FIRST_DELAY_MS);
    expect(browser.sockets).toHaveLength(2);
  });

  it("is replaced after fifteen silent seconds although the old socket never finishes closing", async () => {
    await started();
    const old = browser.socket;
    old.close = () => undefined;
    await vi.advanceTimersByTimeAsync(15_000 + LONGEST_FIRST_DELAY_MS);
    expect([browser.sockets.length, app.link.state]).toEqual([2, "down"]);
    browser.socket.open();
    browser.socket.receive({ t: "hello", epoch: "e1", pos: 10, now: at(0) });
    old.onclose?.();
    expect([browser.sockets.length, app.link.state]).toEqual([2, "live"]);
  });

  it("is tried again when the new socket hangs before it opens", async () => {
    await started();
    browser.socket.close();
    await vi.advanceTimersByTimeAsync(LONGEST_FIRST_DELAY_MS);
    browser.socket.close = () => undefined;
    await vi.advanceTimersByTimeAsync(15_000 + 2 * LONGEST_FIRST_DELAY_MS);
    expect(browser.sockets).toHaveLength(3);
  });

  it("asks whether the session has ended when it is refused", async () => {
    await started();
    browser.socket.close();
    await vi.advanceTimersByTimeAsync(LONGEST_FIRST_DELAY_MS);
    const before = browser.asked("GET /api/session").length;
    browser.socket.close();
    await settled();
    expect(browser.asked("GET /api/session")).toHaveLength(before + 1);
  });

  it("is known at once when the machine is off the net, and opened at once when it is back", async () => {
    await started();
    browser.events.dispatchEvent(new Event("offline"));
    expect(app.link.state).toBe("down");
    browser.events.dispatchEvent(new Event("online"));
    expect(browser.sockets).toHaveLength(2);
  });

  it("ignores what an old socket still says", async () => {
    await started();
    const old = browser.socket;
    browser.events.dispatchEvent(new Event("online"));
    old.receive(events(10, 11, [changed(1, 2, "closed")]));
    expect(app.scenes.live.incident(1)?.status).toBe("registered");
  });

  it("is not opened again once the feed has stopped", async () => {
    await started();
    feed.stop();
    browser.events.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.sockets).toHaveLength(1);
    expect(app.link.open).toBe(false);
  });
});

describe("other frames", () => {
  it("say what is wrong with the server until it says hello again", async () => {
    await started();
    browser.socket.receive({ t: "trouble", items: [{ code: "feed.behind" }] } as Frame);
    expect([app.link.state, app.link.behind]).toEqual(["stale", true]);
    browser.socket.receive({ t: "hello", epoch: "e1", pos: 10, now: at(0) });
    expect(app.link.state).toBe("live");
  });

  it("bring the server's time, and let go of what ended a day before", async () => {
    browser.answer("GET /api/snapshot", snapshot({ incidents: [incident(1, { status: "closed", closed_at: at(-1439) } as object)] }));
    await started();
    expect(app.scenes.live.closed.length).toBe(1);
    browser.socket.receive({ t: "beat", pos: 10, now: at(2) });
    expect(app.scenes.live.closed.length).toBe(0);
    expect(app.clock.now).toBe(NOW + 120_000);
  });

  it("move forces and patch the hotspots in view", async () => {
    browser.answer("GET /api/snapshot", snapshot({ forces: [force(7)] }));
    await started();
    const fix = { force: [7], lon: [120.5], lat: [31], at: [NOW], speed: [null], heading: [null], accuracy: [null] };
    browser.socket.receive({ t: "fixes", ...fix });
    expect(app.scenes.live.fleet.where(7)).toEqual([120.5, 31]);
    const view = { res: 8, window: "24h" as const, category: null, as_of: at(0), total: 2, cells: [], gone: [], full: true };
    browser.socket.receive({ t: "hexes", ...view });
    expect(app.scenes.live.hotspots?.total).toBe(2);
  });

  it("are asked for again after each opening", async () => {
    await started();
    const view = { t: "watch" as const, res: 9, window: "7d", category: null };
    feed.watch(view);
    browser.socket.close();
    await vi.advanceTimersByTimeAsync(LONGEST_FIRST_DELAY_MS);
    browser.socket.open();
    expect(browser.sockets.map((socket) => socket.sent)).toEqual([[view], [view]]);
  });
});
