import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { county, incident, me, NOW, snapshot } from "../testing/bodies";
import { AppState } from "./app.svelte";

function signedIn(): { app: AppState; browser: FakeBrowser } {
  const browser = new FakeBrowser();
  browser.answer("GET /api/session", me);
  browser.answer("GET /api/county", county);
  browser.answer("GET /api/divisions", { items: [{ code: "t1", name: "松陵", level: "town" }] });
  return { app: new AppState(browser), browser };
}

describe("the state of a page", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it("is its own, with another page's beside it", async () => {
    const [one, other] = [signedIn(), signedIn()];
    await one.app.session.resume();
    one.app.scenes.live.load(snapshot({ incidents: [incident(1)] }));
    one.app.pending.begin(1);
    one.app.mapView.toggle("hexes");
    one.app.hotspotView.window = "7d";
    one.app.scale.choose(1.5);
    one.app.link.open = true;

    expect(one.app.session.state).toBe("in");
    expect(other.app.session.state).toBe("unknown");
    expect(one.app.names.category("dispute")).toBe("纠纷");
    expect(other.app.names.category("dispute")).toBe("dispute");
    expect(one.app.divisions.get("t1")?.name).toBe("松陵");
    expect(other.app.divisions.get("t1")).toBeUndefined();
    expect([one.app.scenes.live.waiting.length, other.app.scenes.live.waiting.length]).toEqual([1, 0]);
    expect([one.app.pending.has(1), other.app.pending.has(1)]).toEqual([true, false]);
    expect([one.app.mapView.on.hexes, other.app.mapView.on.hexes]).toEqual([false, true]);
    expect([one.app.hotspotView.window, other.app.hotspotView.window]).toEqual(["7d", "24h"]);
    expect([one.app.scale.value, other.app.scale.value]).toEqual([1.5, 1]);
    expect([one.app.link.open, other.app.link.open]).toEqual([true, false]);
    expect([...other.browser.stored, ...other.browser.requests]).toEqual([]);
  });

  it("knows of a session's end only on its own page", async () => {
    const [one, other] = [signedIn(), signedIn()];
    await Promise.all([one.app.session.resume(), other.app.session.resume()]);
    one.browser.refuse("GET /api/incidents/1", 401, "session.missing");
    await expect(one.app.calls.incident(1)).rejects.toMatchObject({ code: "session.missing" });
    expect([one.browser.reloads, other.browser.reloads]).toEqual([1, 0]);
  });

  it("keeps the server's time to itself", () => {
    const [one, other] = [signedIn(), signedIn()];
    one.app.clock.sync(new Date(NOW + 60_000).toISOString());
    expect([one.app.clock.now, other.app.clock.now]).toEqual([NOW + 60_000, NOW]);
  });

  it("follows the size of its own window", () => {
    const { app, browser } = signedIn();
    browser.window = [800, 600];
    browser.events.dispatchEvent(new Event("resize"));
    expect(app.scale.inHand).toBe(true);
  });
});
