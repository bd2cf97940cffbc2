import { beforeEach, describe, expect, it } from "vitest";
import { county, me } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { AppState } from "./app.svelte";

const town = (code: string, name: string) => ({ code, name, level: "town", lon: 120, lat: 31 });

let browser: FakeBrowser;
let app: AppState;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.answer("GET /api/session", me);
  browser.answer("POST /api/session", {});
  browser.answer("DELETE /api/session", undefined);
  browser.answer("GET /api/county", county);
  browser.answer("GET /api/divisions", { items: [town("320509", "吴江"), town("t1", "松陵"), town("v1", "梅石")] });
  app = new AppState(browser);
});

describe("a session", () => {
  it("is resumed while its cookie stands, with all that the screens need", async () => {
    await app.session.resume();
    expect(app.session.state).toBe("in");
    expect(app.session.may("tasks.dispatch")).toBe(true);
    expect(app.session.may("users.grant")).toBe(false);
    expect(app.divisions.names("320509.t1.v1")).toEqual(["松陵", "梅石"]);
  });

  it("is out where nobody is signed in", async () => {
    browser.answer("GET /api/session", undefined);
    await app.session.resume();
    expect(app.session.state).toBe("out");
  });

  it("is unreachable, not out, while the server does not answer", async () => {
    browser.cut("GET /api/county");
    await app.session.resume();
    expect([app.session.state, app.session.me]).toEqual(["unreachable", null]);
    browser.answer("GET /api/county", county);
    await app.session.resume();
    expect(app.session.state).toBe("in");
  });

  it("begins with a name and a password", async () => {
    await app.session.signIn("operator", "secret");
    expect(browser.requests[0]).toMatchObject({ method: "POST", body: { username: "operator", password: "secret" } });
    expect(app.session.state).toBe("in");
  });

  it("does not begin with a wrong password", async () => {
    browser.refuse("POST /api/session", 401, "session.refused");
    await expect(app.session.signIn("operator", "wrong")).rejects.toMatchObject({ code: "session.refused" });
    expect([app.session.state, browser.reloads]).toEqual(["unknown", 0]);
  });

  it("ends with the page loaded anew, so that nothing stays for the next at this desk", async () => {
    await app.session.resume();
    expect(await app.session.signOut()).toBe(true);
    expect(browser.reloads).toBe(1);
  });

  it("does not end while the server is unreachable", async () => {
    await app.session.resume();
    browser.cut("DELETE /api/session");
    expect(await app.session.signOut()).toBe(false);
    expect([app.session.state, browser.reloads]).toEqual(["in", 0]);
  });

  it("ends when any call says that it has", async () => {
    await app.session.resume();
    browser.refuse("GET /api/incidents/1", 401, "session.missing");
    await expect(app.calls.incident(1)).rejects.toThrow();
    expect(browser.reloads).toBe(1);
  });

  it("ends when a check finds nobody, and goes on when the check fails", async () => {
    await app.session.resume();
    browser.cut("GET /api/session");
    await app.session.check();
    expect(browser.reloads).toBe(0);
    browser.answer("GET /api/session", undefined);
    await app.session.check();
    expect(browser.reloads).toBe(1);
  });

  it("looks at its own area, else the county, else the world", async () => {
    expect(app.session.bbox).toEqual([-170, -55, 170, 70]);
    await app.session.resume();
    expect(app.session.bbox).toEqual(me.scope.bbox);
  });
});

describe("another basemap", () => {
  const basemap = (version: string) => ({ version, built_at: "2026-01-01T00:00:00Z", data_at: null, origin: "given", credit: null, bbox: [0, 0, 1, 1], min_zoom: 6, max_zoom: 14 });

  it("is taken up when a beat tells of it, once, and again after a failure", async () => {
    browser.answer("GET /api/county", { ...county, basemap: basemap("b1"), raster: null });
    await app.session.resume();
    await app.session.followMaps("b1");
    expect(browser.asked("GET /api/county")).toHaveLength(1);
    browser.cut("GET /api/county");
    await app.session.followMaps("b2");
    expect(app.session.county?.basemap?.version).toBe("b1");
    browser.answer("GET /api/county", { ...county, basemap: basemap("b2"), raster: null });
    await app.session.followMaps("b2");
    await app.session.followMaps("b2");
    expect(app.session.county?.basemap?.version).toBe("b2");
    expect(browser.asked("GET /api/county")).toHaveLength(3);
  });

  it("is taken up when somebody comes back to a page that no beat tells of it, and nothing else is", async () => {
    browser.answer("GET /api/county", { ...county, basemap: basemap("b1"), raster: null });
    await app.session.look();
    expect(browser.asked("GET /api/county"), "before anybody has signed in").toHaveLength(0);
    await app.session.resume();
    const before = app.session.county;
    await app.session.look();
    expect(app.session.county, "the maps are not drawn again").toBe(before);
    browser.cut("GET /api/county");
    await app.session.look();
    browser.answer("GET /api/county", { ...county, basemap: basemap("b2"), raster: null, lines: "2" });
    await app.session.look();
    expect([app.session.county?.basemap?.version, app.session.lines]).toEqual(["b2", "2"]);
  });
});

describe("the names of divisions", () => {
  it("are fetched again where a path leads into a town that is not known", async () => {
    await app.session.resume();
    browser.answer("GET /api/divisions", { items: [town("t1", "松陵"), town("t2", "盛泽")] });
    expect(await app.divisions.fetchIfUnknown("320509.t1.v1")).toBe(false);
    expect(await app.divisions.fetchIfUnknown("320509.t2.v9")).toBe(true);
    expect(browser.asked("GET /api/divisions")).toHaveLength(2);
  });

  it("are asked for down to the grids and no further", async () => {
    const levels = ["town", "grid", "micro"].map((code) => ({ code, grid: code === "grid", zoom: 9 }));
    browser.answer("GET /api/county", { ...county, levels });
    await app.session.resume();
    expect(browser.asked("GET /api/divisions")).toEqual(["GET /api/divisions?levels=town%2Cgrid"]);
  });
});
