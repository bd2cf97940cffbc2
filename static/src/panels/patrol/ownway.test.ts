import { beforeEach, expect, it } from "vitest";
import { AppState } from "../../live/app.svelte";
import { Feed } from "../../live/feed.svelte";
import { force, incident, snapshot, task } from "../../testing/bodies";
import { FakeBrowser } from "../../testing/browser";
import { OwnWay } from "./ownway.svelte";

const closure = (id: number, lon: number) => ({
  id, outline: [[lon, 31], [lon + 0.001, 31], [lon, 31.001], [lon, 31]], modes: ["car"], reason: "", starts_at: "2026-01-01T00:00:00Z", ends_at: null,
  opened_at: "2026-01-01T00:00:00Z", opened_by: null, opener: "", ended_at: null, lifted_by: null, division_path: "320509", version: 1,
});
const WAY = { route_m: 900, minutes: 2, line: [[120.6, 31], [120.61, 31]], foot_before_m: 0, foot_after_m: 0 };

let browser: FakeBrowser;
let app: AppState;
let own: OwnWay;

beforeEach(() => {
  browser = new FakeBrowser();
  app = new AppState(browser);
  app.scenes.live.load(snapshot({ incidents: [incident(1)], forces: [force(7)], tasks: [task(5)] }));
  own = new OwnWay(app);
  browser.answer("GET /api/closures", { items: [closure(1, 120.605), closure(2, 120.7)], next: null });
  browser.answer("GET /api/incidents/1/ways/7", WAY);
});

it("a closure on the way is told, one far from it is not, and both are on the map", async () => {
  await own.fetchClosures();
  await own.ask(task(5, { incident: 1, force: 7 }));
  expect(own.of(5)?.way.route_m).toBe(900);
  expect([own.of(6), own.of(undefined)]).toEqual([null, null]);
  expect(own.near(WAY.line as [number, number][]).map(({ id }) => id)).toEqual([1]);
  expect(app.scenes.live.closures.map(({ id }) => id)).toEqual([1, 2]);
});

it("without an answer the way and the closures known before stay; on the spot there is no way", async () => {
  await own.fetchClosures();
  await own.ask(task(5, { incident: 1, force: 7 }));
  browser.cut("GET /api/closures");
  browser.cut("GET /api/incidents/1/ways/7");
  await own.fetchClosures();
  await own.ask(task(5, { incident: 1, force: 7 }));
  expect([own.of(5)?.way.route_m, own.changes, app.scenes.live.closures.length]).toEqual([900, 1, 2]);
  await own.ask(task(5, { incident: 1, force: 7, status: "arrived" }));
  expect(own.of(5)).toBe(null);
});

it("off the way it is asked for anew, not more often than every half minute, and offline the last one stays", async () => {
  const coming = task(5, { incident: 1, force: 7 });
  const asks = () => browser.asked("GET /api/incidents/1/ways/7").length;
  const later = (ms: number) => app.clock.sync(new Date(app.clock.now + ms).toISOString());
  await own.ask(coming, [120.6, 31]);
  later(31_000);
  await own.moved(coming, [120.605, 31.0005]);
  expect(asks(), "on the way, but for what a fix is off by").toBe(1);
  await own.moved(coming, [120.605, 31.002]);
  expect(asks(), "200 m off").toBe(2);
  await own.moved(coming, [120.605, 31.004]);
  expect(asks(), "too soon").toBe(2);
  later(31_000);
  await own.moved(coming, [120.605, 31.002]);
  expect(asks(), "still there: the way begins as far from any road").toBe(2);
  browser.cut("GET /api/incidents/1/ways/7");
  await own.moved(coming, [120.605, 31.004]);
  expect([asks(), own.of(5)?.way.route_m]).toEqual([3, 900]);
  browser.answer("GET /api/incidents/1/ways/7", { ...WAY, route_m: 700 });
  later(31_000);
  await own.moved(coming, [120.605, 31.004]);
  expect([asks(), own.of(5)?.way.route_m], "asked again for want of an answer").toEqual([4, 700]);
  await own.moved(undefined, [120, 31]);
});

it("a beat tells once that closures have changed", async () => {
  browser.answer("GET /api/snapshot", snapshot({}));
  let told = 0;
  const feed = new Feed(app, { onRoads: () => (told += 1) });
  await feed.start();
  for (const closures of ["", "7", "7", "9"]) browser.socket.receive({ t: "beat", pos: 10, now: "2026-01-01T00:00:00Z", closures } as never);
  feed.stop();
  expect(told).toBe(2);
});
