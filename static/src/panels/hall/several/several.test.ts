import { beforeEach, describe, expect, it } from "vitest";
import { AppState } from "../../../live/app.svelte";
import { county, events, incident, me, snapshot, task } from "../../../testing/bodies";
import { FakeBrowser } from "../../../testing/browser";
import { Desk } from "../desk.svelte";

let browser: FakeBrowser;
let desk: Desk;
let app: AppState;

const row = (id: number, force: number, changed: object = {}) => ({
  incident: id, force, role: "lead", minutes: 4, slot: 0, name: `F${force}`, kind: "patrol", eta_minutes: 4, stale: false, reasons: [], tied: [], others: [], ...changed,
});
const other = (force: number, minutes: number) => ({ force, name: `F${force}`, minutes });
const proposal = (assignments: object[]) => ({
  assignments, total_minutes: 8, greedy_minutes: 11, greedy_left: 0, by_road: false, missing: [], unassigned: [], packages: [], cover: [], move_up: null,
});
const sent = () => browser.requests.filter(({ path, method }) => method === "POST" && path.endsWith("/tasks"));

beforeEach(() => {
  browser = new FakeBrowser();
  app = new AppState(browser);
  app.session.county = county;
  app.session.me = me;
  app.scenes.live.load(snapshot({ incidents: [incident(1), incident(2), incident(3, { lon: null, lat: null })] }));
  desk = new Desk(app);
  browser.answer("POST /api/dispatch/proposals", proposal([row(1, 7, { others: [other(9, 6)] }), row(2, 8, { others: [other(9, 5)] })]));
  for (const id of [1, 2]) browser.answer(`POST /api/incidents/${id}/tasks`, task(40 + id, { incident: id }));
});

describe("the proposal for all that wait", () => {
  it("asks for those with a place, sends nothing by itself, and says what it saves", async () => {
    await desk.several.ask();
    expect(browser.requests.map(({ body }) => body)).toEqual([{ incidents: [1, 2] }]);
    expect([desk.several.rows.length, desk.several.savedMinutes, sent().length]).toEqual([2, 3, 0]);
  });

  it("sends the ticked rows with the units chosen", async () => {
    await desk.several.ask();
    const [first, second] = desk.several.rows;
    desk.several.change(first!, 9);
    desk.several.tick(second!.key, false);
    expect(desk.several.totalMinutes).toBe(6);
    await desk.several.confirm();
    expect(sent().map(({ path, body }) => [path, body])).toEqual([["/api/incidents/1/tasks", { force: 9, role: "lead" }]]);
    expect(desk.several.rows.map(({ outcome }) => outcome)).toEqual(["sent", null]);
    expect(desk.several.done).toEqual({ sent: 1, refused: 0 });
  });

  it("offers no unit that another row sends", async () => {
    await desk.several.ask();
    desk.several.change(desk.several.rows[0]!, 9);
    expect(desk.several.rows[1]!.units.map(({ force }) => force)).toEqual([8]);
  });

  it("sends the others where one is refused, and sends nothing twice", async () => {
    browser.refuse("POST /api/incidents/1/tasks", 409, "task.lead_taken");
    await desk.several.ask();
    await desk.several.confirm();
    expect(desk.several.rows.map(({ outcome }) => outcome)).toEqual([{ code: "task.lead_taken" }, "sent"]);
    expect(app.pending.has(1)).toBe(false);
    await desk.several.confirm();
    expect(sent().map(({ path }) => path)).toEqual(["/api/incidents/1/tasks", "/api/incidents/2/tasks", "/api/incidents/1/tasks"]);
  });

  it("sees a unit that has been sent elsewhere meanwhile", async () => {
    await desk.several.ask();
    app.scenes.live.apply(events(10, 11, [{ kind: "task", id: 71, version: 1, body: task(71, { incident: 9, force: 7 }) }]));
    expect(desk.several.rows[0]!.taken).toBe("busy");
    expect([desk.several.toSend.length, desk.several.going.length, desk.several.totalMinutes]).toEqual([1, 1, 4]);
    await desk.several.confirm();
    expect(desk.several.rows.map(({ outcome }) => outcome)).toEqual([{ code: "force.busy" }, "sent"]);
    expect(sent()).toHaveLength(1);
  });

  it("is asked for again when roads change, and keeps what was changed in its rows", async () => {
    await desk.several.ask();
    const [first, second] = desk.several.rows;
    desk.several.change(first!, 9);
    desk.several.tick(second!.key, false);
    browser.answer("POST /api/dispatch/proposals", proposal([row(1, 8, { others: [other(9, 7), other(7, 8)] }), row(2, 9, { others: [other(5, 9)] })]));
    await desk.several.renew();
    expect(browser.requests.map(({ body }) => body)).toEqual([{ incidents: [1, 2] }, { incidents: [1, 2] }]);
    expect(desk.several.rows.map(({ unit, ticked }) => [unit.force, unit.minutes, ticked])).toEqual([[9, 7, true], [5, 9, false]]);
    expect(desk.several.roads).toBe("renewed");
    browser.answer("POST /api/dispatch/proposals", proposal([row(1, 8), row(2, 7)]));
    await desk.several.renew();
    expect(desk.several.rows.map(({ unit, units }) => [unit.force, unit.minutes, units.length])).toEqual([[9, null, 2], [7, 4, 1]]);
    await desk.several.ask();
    expect([desk.several.roads, desk.several.rows[0]!.unit.force]).toEqual([null, 8]);
  });

  it("says that roads have changed, and moves nothing, once a row was sent or the server refuses", async () => {
    await desk.several.renew();
    expect([browser.requests.length, desk.several.roads]).toEqual([0, null]);
    await desk.several.ask();
    browser.refuse("POST /api/dispatch/proposals", 503, "database.unavailable");
    await desk.several.renew();
    expect([desk.several.roads, desk.several.rows.length, desk.several.problem]).toEqual(["old", 2, null]);
    await desk.several.confirm();
    const asked = browser.requests.length;
    await desk.several.renew();
    expect([desk.several.roads, browser.requests.length]).toEqual(["old", asked]);
  });

  it("asks for nothing where nothing waits", async () => {
    app.scenes.live.load(snapshot({ incidents: [] }));
    await desk.several.ask();
    expect([desk.several.found, browser.requests.length]).toEqual([null, 0]);
  });
});
