import { describe, expect, it } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { county, snapshot } from "../testing/bodies";
import type { Hotspots } from "../wire/types";
import { AppState } from "./app.svelte";

const of = (total: number): Hotspots => ({ res: 8, window: "24h", category: null, as_of: "t", total, cells: [] });

function hall(): { app: AppState; browser: FakeBrowser } {
  const browser = new FakeBrowser();
  const app = new AppState(browser);
  app.session.county = county;
  app.scenes.live.load(snapshot({ hotspots: of(1) }));
  return { app, browser };
}

describe("a day of the past", () => {
  it("replaces the live hotspots until one goes back to now", async () => {
    const { app, browser } = hall();
    browser.answer("GET /api/hotspots", of(56));
    app.pastDay.day = "2022-05-01";
    expect(app.pastDay.hotspots).toBeNull();
    expect(app.pastDay.loading).toBe(true);
    await app.pastDay.follow();
    expect(app.pastDay.hotspots?.total).toBe(56);
    expect(browser.requests.map((request) => request.path)).toEqual(["/api/hotspots?at=2022-05-01&res=8&window=24h"]);
    app.pastDay.back();
    expect(app.pastDay.hotspots?.total).toBe(1);
  });

  it("says that it did not load, and shows no live hotspots under its date", async () => {
    const { app, browser } = hall();
    browser.refuse("GET /api/hotspots", 422, "request.invalid");
    app.pastDay.day = "2022-05-01";
    await app.pastDay.follow();
    expect([app.pastDay.failed, app.pastDay.loading, app.pastDay.hotspots]).toEqual([true, false, null]);
  });

  it("leaves a replay to its own moment", () => {
    const { app } = hall();
    app.pastDay.day = "2022-05-01";
    app.scenes.moment = 1;
    expect([app.pastDay.chosen, app.pastDay.hotspots?.total]).toEqual([false, 1]);
  });
});
