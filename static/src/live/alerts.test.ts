import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { at, county, events, incident, NOW, snapshot, task } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { AppState } from "./app.svelte";

let app: AppState;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  app = new AppState(new FakeBrowser());
  app.session.county = county;
});
afterEach(() => void vi.useRealTimers());

const grave = (id: number) => incident(id, { risk: "high" });
const late = (id: number) => incident(id, { first_due_at: at(-1) });
const shown = () => app.alerts.shown.map(({ kind, ids }) => [kind, [...ids]]);

describe("alerts", () => {
  it("are none while all is within its time", () => {
    app.scenes.live.load(snapshot({ incidents: [incident(1)], tasks: [task(5)] }));
    expect(shown()).toEqual([]);
  });

  it("name the gravest that wait, tasks without an answer and what is overdue, one card a kind", () => {
    const unanswered = task(5, { incident: 3, warned_at: at(0) });
    app.scenes.live.load(snapshot({ incidents: [grave(1), grave(2), late(4)], tasks: [unanswered] }));
    expect(shown()).toEqual([
      ["high_risk", [1, 2]],
      ["unanswered", [5]],
      ["overdue", [4]],
    ]);
    expect(app.alerts.shown.map(({ incidents }) => incidents[0])).toEqual([1, 3, 4]);
  });

  it("say that a number came again with other content, and again the next time", () => {
    app.scenes.live.load(snapshot({ incidents: [incident(1, { differs_at: at(-1) }), incident(2)] }));
    expect(shown()).toEqual([["differs", [Date.parse(at(-1))]]]);
    const [alert] = app.alerts.shown;
    expect(alert?.incidents).toEqual([1]);
    if (alert) app.alerts.acknowledge(alert);
    expect(shown()).toEqual([]);
    const again = incident(1, { version: 2, differs_at: at(0) });
    app.scenes.live.apply(events(10, 11, [{ kind: "incident", id: 1, version: 2, body: again }]));
    expect(shown()).toHaveLength(1);
  });

  it("say at once that a force declines and that one asks for support, each until it is acknowledged", () => {
    app.scenes.live.load(snapshot({ incidents: [incident(1), incident(2)] }));
    const declined = task(5, { status: "declined", active: false, ended_at: at(-1) });
    const calling = task(6, { incident: 2, force: 8, support_asked_at: at(-1) });
    app.scenes.live.apply(events(10, 12, [declined, calling].map((body) => ({ kind: "task", id: body.id, version: 1, body }))));
    expect(app.alerts.shown.map(({ kind, incidents }) => [kind, ...incidents])).toEqual([
      ["support", 2],
      ["declined", 1],
    ]);
    for (const alert of app.alerts.shown) app.alerts.acknowledge(alert);
    expect(shown()).toEqual([]);
  });

  it("end when somebody has the incident in hand", () => {
    app.scenes.live.load(snapshot({ incidents: [grave(1)] }));
    const served = incident(1, { version: 2, risk: "high", status: "assigned" } as object);
    app.scenes.live.apply(events(10, 11, [{ kind: "incident", id: 1, version: 2, body: served }]));
    expect(shown()).toEqual([]);
  });

  it("stay away once acknowledged, and come back for what is new", () => {
    app.scenes.live.load(snapshot({ incidents: [grave(1)] }));
    const [alert] = app.alerts.shown;
    if (alert) app.alerts.acknowledge(alert);
    expect(shown()).toEqual([]);
    app.scenes.live.apply(events(10, 11, [{ kind: "incident", id: 2, version: 1, body: grave(2) }]));
    expect(shown()).toEqual([["high_risk", [2]]]);
  });

  it("come with the clock, and are those of now in a replay too", () => {
    app.scenes.live.load(snapshot({ incidents: [incident(1, { first_due_at: at(1) })] }));
    app.scenes.show(NOW + 3_600_000);
    expect(shown()).toEqual([]);
    vi.advanceTimersByTime(61_000);
    app.scenes.show(NOW - 60_000);
    expect(shown()).toEqual([["overdue", [1]]]);
  });

  it("come back after an acknowledgment when the incident waits once more", () => {
    app.scenes.live.load(snapshot({ incidents: [grave(1)] }));
    app.alerts.shown.forEach((alert) => app.alerts.acknowledge(alert));
    expect(app.alerts.call(NOW)).toBeNull();
    const turn = (pos: number, status: string) => {
      const body = incident(1, { version: pos, risk: "high", status } as object);
      app.scenes.live.apply(events(pos - 1, pos, [{ kind: "incident", id: 1, version: pos, body }]));
    };
    turn(11, "assigned");
    app.alerts.call(NOW);
    turn(12, "registered");
    expect(shown()).toEqual([["high_risk", [1]]]);
    expect(app.alerts.call(NOW)?.critical).toBe(true);
  });

  it("lead one key press from one alarmed incident to the next, the most urgent first", () => {
    app.scenes.live.load(snapshot({ incidents: [late(4), grave(2), grave(1)] }));
    const walk = [null, 1, 2, 4, 99].map((opened) => app.alerts.next(opened));
    expect(walk).toEqual([1, 2, 4, 1, 1]);
    app.scenes.live.load(snapshot());
    expect(app.alerts.next(null)).toBeNull();
  });
});
