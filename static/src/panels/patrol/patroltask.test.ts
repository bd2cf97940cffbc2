import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppState } from "../../live/app.svelte";
import { events, force, incident, me, NOW, snapshot, task } from "../../testing/bodies";
import { FakeBrowser } from "../../testing/browser";
import type { Task } from "../../wire/types";
import { metresBetween } from "../../live/metres";
import { boxOf, PatrolTask } from "./patroltask.svelte";
import { PositionSharing } from "./positionsharing.svelte";

let browser: FakeBrowser;
let app: AppState;
let patrol: PatrolTask;

const step = (pos: number, changed: Partial<Task>) =>
  app.scenes.live.apply(
    events(pos - 1, pos, [{ kind: "task", id: 5, version: pos, body: task(5, { version: pos, ...changed }) }]),
  );

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  browser = new FakeBrowser();
  app = new AppState(browser);
  app.session.me = { ...me, force: 7 } as typeof me;
  app.scenes.live.load(snapshot({ incidents: [incident(1)], forces: [force(7)], tasks: [task(5), task(6, { force: 8 })] }));
  patrol = new PatrolTask(app);
});
afterEach(() => void vi.useRealTimers());

describe("the patrol's task", () => {
  it("is that of its own force, with its incident and the next step", () => {
    expect([patrol.task?.id, patrol.incident?.id, patrol.step]).toEqual([5, 1, "accept"]);
    step(11, { status: "accepted" });
    expect(patrol.step).toBe("depart");
  });

  it("is over when the feed says so", () => {
    step(11, { status: "recalled", active: false });
    expect([patrol.task, patrol.incident, patrol.step, patrol.way]).toEqual([undefined, undefined, undefined, null]);
  });

  it("is one step further only when the feed brings it", async () => {
    browser.answer("POST /api/tasks/5/accept", {});
    await patrol.perform("accept");
    expect([patrol.waiting, patrol.step]).toEqual([true, "accept"]);
    await patrol.perform("accept");
    expect(browser.asked("POST")).toHaveLength(1);
  });

  it("keeps the note of a step that was refused, and says why", async () => {
    browser.refuse("POST /api/tasks/5/finish", 409, "task.transition");
    patrol.note = "双方和解";
    await patrol.perform("finish", { note: patrol.note });
    expect([patrol.problem, patrol.note, patrol.waiting]).toEqual(["task.transition", "双方和解", false]);
    patrol.begin();
    expect([patrol.problem, patrol.note, patrol.form]).toEqual([null, "", null]);
  });

  it("sounds and vibrates when it comes, and not once it is answered", () => {
    patrol.begin();
    expect([app.attention.played.urgent, browser.vibrated.length]).toEqual([1, 1]);
    step(11, { status: "accepted" });
    patrol.begin();
    expect([app.attention.played.urgent, browser.vibrated.length]).toEqual([1, 1]);
  });

  it("is finished with an outcome, not without", async () => {
    step(11, { status: "arrived" });
    browser.answer("POST /api/tasks/5/finish", {});
    await patrol.next();
    expect([patrol.ready, browser.asked("POST")]).toEqual([false, []]);
    patrol.outcome = "settled";
    patrol.note = " 双方和解 ";
    await patrol.next();
    expect(browser.requests.at(-1)?.body).toEqual({ reason: "settled", note: "双方和解" });
  });

  it("is given back with a reason, or support is asked for, and the form closes", async () => {
    step(11, { status: "accepted" });
    browser.answer("POST /api/tasks/5/support", {});
    patrol.form = "support";
    await patrol.askSupport("有十几个人");
    expect([browser.requests.at(-1)?.body, patrol.form]).toEqual([{ note: "有十几个人" }, null]);
    app.pending.clear();
    browser.answer("POST /api/tasks/5/give_back", {});
    await patrol.perform("give_back", { reason: "unwell" });
    expect(browser.requests.at(-1)).toMatchObject({ path: "/api/tasks/5/give_back", body: { reason: "unwell" } });
  });

  it("leaves a form open that was opened while a step was on its way", async () => {
    browser.answer("POST /api/tasks/5/accept", {});
    const accepting = patrol.perform("accept");
    patrol.form = "support";
    await accepting;
    expect(patrol.form).toBe("support");
  });

  it("knows who else is on its incident, and what this force has ended", async () => {
    const companions = [{ force: 8, name: "F8", role: "support", status: "accepted" }];
    const own = { ...task(5), details: incident(1), companions };
    const ended = { ...task(4, { active: false }), details: incident(2), companions: [] };
    browser.answer("GET /api/tasks", { items: [own, ended] });
    await patrol.refresh();
    expect([patrol.companions, patrol.ended.map((one) => one.incident.id)]).toEqual([companions, [2]]);
    browser.answer("GET /api/tasks", { items: [ended] });
    await patrol.refresh();
    expect(patrol.companions).toEqual([]);
  });

  it("has its way from the home post until a position is known", () => {
    expect(patrol.distance).toBeNull();
    expect(patrol.way).toEqual(boxOf([[120.6, 31.1], [120.5, 31]]));
    const fixes = { force: [7], lon: [120.59], lat: [31.1], at: [NOW], speed: [null], heading: [null], accuracy: [null] };
    app.scenes.live.fleet.replace(fixes);
    expect(patrol.distance).toBeCloseTo(metresBetween([120.59, 31.1], [120.6, 31.1]), 6);
  });
});

describe("sharing the position", () => {
  const coords = { longitude: 120.6, latitude: 31.1, accuracy: 8, speed: null, heading: null };
  let place: (timestamp: number) => void;
  let fail: (code: number) => void;
  let cleared: number;
  let sharing: PositionSharing;

  beforeEach(() => {
    cleared = 0;
    const geolocation = {
      watchPosition: (found: PositionCallback, failed: PositionErrorCallback) => {
        place = (timestamp) => found({ coords, timestamp } as GeolocationPosition);
        fail = (code) => failed({ code, PERMISSION_DENIED: 1 } as GeolocationPositionError);
        return 1;
      },
      clearWatch: () => void (cleared += 1),
    } as unknown as Geolocation;
    browser.answer("POST /api/positions", {});
    sharing = new PositionSharing({ calls: app.calls, geolocation });
  });

  it("sends nothing until it is switched on, then at most every five seconds", async () => {
    expect(browser.asked("POST /api/positions")).toEqual([]);
    sharing.start(7);
    expect(sharing.sharing).toBe("asking");
    place(NOW);
    place(NOW + 1000);
    await vi.advanceTimersByTimeAsync(5_000);
    place(NOW + 5000);
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.asked("POST /api/positions")).toHaveLength(2);
    expect(browser.requests[0]?.body).toMatchObject({ fixes: [{ force: 7, lon: 120.6, lat: 31.1, accuracy_m: 8 }] });
  });

  it("ends when it is switched off or denied", () => {
    sharing.start(7);
    sharing.stop();
    expect([sharing.sharing, cleared]).toEqual(["off", 1]);
    sharing.start(7);
    fail(1);
    expect([sharing.sharing, cleared]).toEqual(["denied", 2]);
  });

  it("goes on when one fix fails", () => {
    sharing.start(7);
    place(NOW);
    fail(3);
    expect(sharing.sharing).toBe("on");
  });

  it("is not offered where the device has no positioning", () => {
    const without = new PositionSharing({ calls: app.calls, geolocation: undefined });
    without.start(7);
    expect(without.sharing).toBe("unsupported");
  });
});
