import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppState } from "../../live/app.svelte";
import { candidate, county, events, incident, me, NOW, snapshot, task } from "../../testing/bodies";
import { FakeBrowser, type Answer } from "../../testing/browser";
import type { Incident } from "../../wire/types";
import { Desk } from "./desk.svelte";

let browser: FakeBrowser;
let app: AppState;
let desk: Desk;

const settled = () => vi.advanceTimersByTimeAsync(0);
const offer = (...forces: number[]) =>
  browser.answer("GET /api/incidents/1/candidates", { role: "lead", candidates: forces.map((force) => candidate(force)), excluded: [] });
const busy = (force: number, pos = 11) =>
  app.scenes.live.apply(events(pos - 1, pos, [{ kind: "task", id: 60 + pos, version: 1, body: task(60 + pos, { incident: 2, force }) }]));
const posted = () => browser.requests.filter(({ method }) => method === "POST").map(({ body }) => body);
const change = (pos: number, changed: Partial<Incident>) => {
  const body = incident(1, { version: pos, ...changed });
  app.scenes.live.apply(events(pos - 1, pos, [{ kind: "incident", id: 1, version: pos, body }]));
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  browser = new FakeBrowser();
  for (const id of [1, 2, 9]) {
    browser.answer(`GET /api/incidents/${id}/candidates`, { role: "lead", candidates: [candidate(7), candidate(8)], excluded: [] });
    browser.answer(`GET /api/incidents/${id}/timeline`, { items: [{ id: 1, kind: "registered" }] });
    browser.answer(`GET /api/incidents/${id}/cameras`, { items: [] });
  }
  browser.answer("POST /api/incidents/1/tasks", task(5));
  app = new AppState(browser);
  app.session.county = county;
  app.session.me = me;
  app.scenes.live.load(snapshot({ incidents: [incident(1), incident(2), incident(3, { status: "assigned" } as object)] }));
  desk = new Desk(app);
});
afterEach(() => void vi.useRealTimers());

describe("an incident that waits for a place", () => {
  const waiting = { lon: null, lat: null, cell: null, address: "7 West Lake Road" };

  it("is placed by the next point on the map, and not without asking", async () => {
    change(11, waiting);
    browser.answer("PATCH /api/incidents/1", incident(1, { version: 12 }));
    void desk.open(1);
    await settled();
    expect(browser.asked("GET /api/incidents/1/candidates")).toHaveLength(0);
    await desk.place(120.6, 31.1);
    expect(browser.asked("PATCH /api/incidents/1")).toHaveLength(0);
    desk.startPlacing();
    void desk.place(120.6, 31.1);
    await settled();
    expect(browser.asked("PATCH /api/incidents/1")).toHaveLength(1);
    expect(desk.placing).toBeNull();
  });

  it("is not placed once another one is open", () => {
    change(11, waiting);
    void desk.open(1);
    desk.startPlacing();
    void desk.open(2);
    expect(desk.placing).toBeNull();
    desk.startPlacing();
    desk.back();
    expect([desk.placing, desk.opened]).toEqual([null, 2]);
  });
});

describe("the list of candidates", () => {
  it("shows those of the last words, whichever answer comes last", async () => {
    void desk.open(1);
    await settled();
    const answers = new Map<string, (answer: Answer) => void>();
    browser.answers.set("GET /api/incidents/1/candidates", ({ path }) => new Promise((give) => answers.set(path.split("q=")[1] ?? "", give)));
    for (const words of ["a", "ab"]) {
      desk.proposals.listing.words = words;
      void desk.proposals.narrow();
    }
    await settled();
    for (const [words, force] of [["ab", 12], ["a", 11]] as const) {
      answers.get(words)?.({ body: { role: "lead", candidates: [candidate(force)], excluded: [] } });
      await settled();
    }
    expect(desk.proposals.candidates?.candidates.map(({ force }) => force)).toEqual([12]);
  });
});

describe("an incident that is handled on site", () => {
  it("proposes nobody until the operator asks, and then as any other", async () => {
    change(11, { status: "handled" });
    void desk.open(1);
    await desk.proposals.refresh();
    expect([browser.asked("GET /api/incidents/1/candidates").length, desk.sending.canSend]).toEqual([0, false]);
    await desk.proposals.sendAgain();
    expect([desk.proposals.candidates?.candidates.length, desk.sending.canSend]).toEqual([2, true]);
  });
});

describe("the queue's cursor", () => {
  it("begins at the top and stops at either end", () => {
    expect([desk.move(1), desk.move(1), desk.move(1), desk.move(-1), desk.move(-1)]).toEqual([0, 1, 1, 0, 0]);
    expect(desk.cursor).toBe(1);
  });

  it("has nowhere to go in an empty queue", () => {
    app.scenes.live.load(snapshot());
    expect([desk.move(1), desk.cursor]).toEqual([-1, null]);
  });

  it("asks for candidates ahead of the hand that opens, once", async () => {
    desk.move(1);
    void desk.open(1);
    await settled();
    expect(browser.asked("GET /api/incidents/1/candidates")).toHaveLength(1);
    expect(desk.proposals.candidates?.candidates).toHaveLength(2);
  });

  it("walks what the filter shows", () => {
    const ids = () => desk.list.map(({ id }) => id);
    expect(ids()).toEqual([1, 2]);
    app.queue.set({ status: "served" });
    expect(ids()).toEqual([3]);
    app.queue.set({ status: "all" });
    expect(ids()).toEqual([1, 2, 3]);
  });
});

describe("an incident that is opened", () => {
  it("brings its candidates, record and cameras, the first candidate chosen", async () => {
    await desk.open(1);
    expect(desk.incident?.id).toBe(1);
    expect([desk.selection.chosen?.force, desk.shown.timeline.length, desk.shown.cameras]).toEqual([7, 1, []]);
    expect(desk.sending.canSend).toBe(true);
  });

  it("is fetched where the picture does not hold it", async () => {
    browser.answer("GET /api/incidents/9", incident(9, { status: "closed" } as object));
    await desk.open(9);
    expect([desk.incident?.id, desk.shown.gone]).toEqual([9, false]);
  });

  it("says so where it cannot be fetched", async () => {
    await desk.open(99);
    expect([desk.incident, desk.shown.gone]).toEqual([null, true]);
    desk.back();
    expect([desk.opened, desk.shown.gone]).toEqual([null, false]);
  });

  it("says so when it leaves the picture while it is open", async () => {
    await desk.open(1);
    app.scenes.live.apply(events(10, 11, [{ kind: "incident", id: 1, version: 2, gone: true, body: null }]));
    await desk.refresh();
    expect([desk.incident, desk.shown.gone, desk.sending.canSend]).toEqual([null, true, false]);
    expect([desk.proposals.candidates, desk.shown.timeline, desk.shown.cameras]).toEqual([null, [], null]);
  });

  it("is shown again when it comes back", async () => {
    await desk.open(1);
    app.scenes.live.apply(events(10, 11, [{ kind: "incident", id: 1, version: 2, gone: true, body: null }]));
    await desk.refresh();
    change(12, {});
    await desk.refresh();
    expect([desk.incident?.id, desk.shown.gone]).toEqual([1, false]);
  });

  it("keeps the answers of another that was opened meanwhile apart", async () => {
    const answers: ((answer: Answer) => void)[] = [];
    browser.answers.set("GET /api/incidents/1/candidates", () => new Promise((give) => answers.push(give)));
    void desk.open(1);
    await settled();
    await desk.open(2);
    answers[0]?.({ body: { candidates: [candidate(99)], excluded: [] } });
    await settled();
    expect(desk.proposals.candidates?.candidates.map(({ force }) => force)).toEqual([7, 8]);
  });

  it("says that cameras failed, which is not none", async () => {
    browser.cut("GET /api/incidents/1/cameras");
    await desk.open(1);
    expect(desk.shown.cameras).toBe("failed");
  });
});

describe("a choice", () => {
  it("stays with its force when the order changes", async () => {
    await desk.open(1);
    desk.selection.choose(1);
    offer(8, 7);
    await desk.proposals.refresh();
    expect(desk.selection.chosen?.force).toBe(8);
  });

  it("passes to nobody else when its force can go no more: it stays, shown as taken", async () => {
    for (const pick of [() => undefined, () => desk.selection.choose(0)]) {
      offer(7, 8);
      await desk.open(1);
      pick();
      busy(7);
      offer(8);
      await desk.proposals.refresh();
      expect([desk.selection.chosen?.force, desk.proposals.takenReason(7), desk.sending.canSend]).toEqual([7, "busy", false]);
      await desk.sending.send();
      expect(browser.asked("POST")).toEqual([]);
      desk.back();
      app.scenes.live.load(snapshot({ incidents: [incident(1)] }));
    }
  });

  it("keeps each digit's force until one asks for the new order", async () => {
    await desk.open(1);
    offer(9, 8, 7);
    await desk.proposals.refresh();
    expect([desk.proposals.candidates?.candidates.map(({ force }) => force), desk.proposals.outOfOrder]).toEqual([[7, 8, 9], true]);
    desk.selection.choose(1);
    expect(desk.selection.chosen?.force).toBe(8);
    await desk.proposals.refresh({ reorder: true });
    expect([desk.proposals.candidates?.candidates.map(({ force }) => force), desk.selection.chosen?.force, desk.proposals.outOfOrder]).toEqual([[9, 8, 7], 8, false]);
  });

  it("falls to the new first with the new order where nobody was picked", async () => {
    await desk.open(1);
    offer(8, 7);
    await desk.proposals.refresh({ reorder: true });
    expect(desk.selection.chosen?.force).toBe(8);
  });

  it("of a place that is empty changes nothing", async () => {
    await desk.open(1);
    desk.selection.choose(5);
    expect(desk.selection.choice).toBe(0);
  });
});

describe("sending", () => {
  it("is pending until the feed brings it, and is not done twice", async () => {
    await desk.open(1);
    await desk.sending.send();
    expect([app.pending.has(1), desk.sending.canSend]).toEqual([true, false]);
    await desk.sending.send();
    const sent = browser.requests.filter(({ method }) => method === "POST");
    expect(sent.map(({ body }) => body)).toEqual([{ force: 7, role: "lead" }]);
    expect(sent[0]?.headers["Idempotency-Key"]).toBeTruthy();
    expect(desk.incident?.status).toBe("registered");
  });

  it("that is refused says why and asks again who can go", async () => {
    browser.refuse("POST /api/incidents/1/tasks", 409, "force.busy");
    await desk.open(1);
    await desk.sending.send();
    await settled();
    expect([desk.actions.problem, app.pending.has(1)]).toEqual(["force.busy", false]);
    expect(browser.asked("GET /api/incidents/1/candidates")).toHaveLength(2);
  });

  it("is not offered without the permission, in a replay, or to a busy force", async () => {
    await desk.open(1);
    app.session.me = { ...me, permissions: ["hall.view"] } as typeof me;
    expect(desk.sending.canSend).toBe(false);
    app.session.me = me;
    app.scenes.moment = NOW - 60_000;
    expect(desk.sending.canSend).toBe(false);
    app.scenes.moment = null;
    expect(desk.sending.canSend).toBe(true);
    app.scenes.live.apply(events(10, 11, [{ kind: "task", id: 6, version: 1, body: task(6, { incident: 2, force: 7 }) }]));
    expect(desk.sending.canSend).toBe(false);
  });

  it("instead of one who does not answer recalls first", async () => {
    browser.answer("POST /api/tasks/5/recall", {});
    await desk.open(1);
    await desk.actions.sendInstead(task(5, { role: "support" }), candidate(8));
    const sent = browser.requests.filter(({ method }) => method === "POST");
    expect(sent.map(({ path, body }) => [path, body])).toEqual([
      ["/api/tasks/5/recall", { reason: "unanswered" }],
      ["/api/incidents/1/tasks", { force: 8, role: "support" }],
    ]);
  });

  it("is not done where the recall was refused", async () => {
    browser.refuse("POST /api/tasks/5/recall", 409, "task.transition");
    await desk.open(1);
    await desk.actions.sendInstead(task(5), candidate(8));
    expect(browser.asked("POST /api/incidents/1/tasks")).toEqual([]);
    expect(desk.actions.problem).toBe("task.transition");
  });
});

describe("several forces", () => {
  beforeEach(async () => {
    offer(7, 8, 9);
    await desk.open(1);
  });

  it("are marked and sent in one go, the lead first, each in its role", async () => {
    desk.selection.mark(2);
    expect(desk.selection.toSend.map(({ force, role }) => [force, role])).toEqual([[7, "lead"], [9, "support"]]);
    desk.selection.setRole(9, "lead");
    expect(desk.selection.toSend.map(({ force, role }) => [force, role])).toEqual([[9, "lead"], [7, "support"]]);
    await desk.sending.send();
    expect(posted()).toEqual([{ force: 9, role: "lead" }, { force: 7, role: "support" }]);
    expect([desk.selection.marked.list, desk.sending.refused, app.pending.has(1)]).toEqual([[], [], true]);
  });

  it("take their roles in turn by one key", () => {
    desk.selection.mark(1);
    desk.selection.turnRole();
    expect([desk.selection.chosen?.force, desk.selection.roleOf(8)]).toEqual([8, "observer"]);
    desk.selection.turnRole();
    expect(desk.selection.toSend.map(({ force, role }) => [force, role])).toEqual([[8, "lead"], [7, "support"]]);
  });

  it("that are refused are named, and keep nobody back", async () => {
    browser.answers.set("POST /api/incidents/1/tasks", (request) =>
      (request.body as { force: number }).force === 8 ? { status: 409, code: "force.busy" } : { body: task(5) },
    );
    desk.selection.mark(1);
    desk.selection.mark(2);
    busy(9);
    await desk.sending.send();
    await settled();
    expect(posted()).toEqual([{ force: 7, role: "lead" }, { force: 8, role: "support" }]);
    expect(desk.sending.refused.map(({ name, code }) => [name, code])).toEqual([["F8", "force.busy"], ["F9", "force.busy"]]);
    desk.selection.choose(0);
    expect(desk.sending.refused).toEqual([]);
  });

  it("are one again once another is chosen by its digit", () => {
    desk.selection.mark(1);
    desk.selection.choose(1);
    expect(desk.selection.toSend.map(({ force }) => force)).toEqual([7, 8]);
    desk.selection.choose(2);
    expect(desk.selection.toSend.map(({ force, role }) => [force, role])).toEqual([[9, "lead"]]);
  });

  it("that can go no more are not marked", () => {
    busy(8);
    desk.selection.mark(1);
    expect(desk.selection.marked.list).toEqual([]);
  });
});

describe("a colleague who was faster", () => {
  const anothers = () => task(5, { force: 3, assigned_by: 2, sent_by: "坐席二" });
  const arrive = (body = anothers()) => app.scenes.live.apply(events(10, 11, [{ kind: "task", id: 5, version: 1, body }]));

  it("is named with what was sent, until one picks again", async () => {
    await desk.open(1);
    arrive();
    expect([desk.shown.news.map(({ sent_by }) => sent_by), desk.sending.canSend]).toEqual([["坐席二"], false]);
    desk.selection.choose(1);
    expect([desk.shown.news, desk.selection.role]).toEqual([[], "support"]);
  });

  it("is no news where it was this desk, or was so before the incident was opened", async () => {
    await desk.open(1);
    arrive(task(5, { force: 3, assigned_by: 1 }));
    expect(desk.shown.news).toEqual([]);
    desk.back();
    app.scenes.live.load(snapshot({ incidents: [incident(1)], tasks: [anothers()] }));
    await desk.open(1);
    expect(desk.shown.news).toEqual([]);
  });

  it("takes nothing from under the hand: the pick stays, and is not sent to lead", async () => {
    await desk.open(1);
    desk.selection.choose(1);
    arrive();
    await desk.proposals.refresh();
    expect([desk.selection.chosen?.force, desk.sending.canSend]).toEqual([8, false]);
  });
});

it("a recall takes its reason and note along", async () => {
  browser.answer("POST /api/tasks/5/recall", {});
  await desk.actions.recall(task(5), { reason: "closer", note: "二队就在旁边" });
  expect(browser.requests.at(-1)).toMatchObject({ path: "/api/tasks/5/recall", body: { reason: "closer", note: "二队就在旁边" } });
});

describe("the list for another role", () => {
  it("is asked for and sent in that role, and proposes its first", async () => {
    await desk.open(1);
    desk.selection.choose(1);
    offer(31, 32);
    desk.proposals.listing.role = "support";
    await desk.proposals.narrow();
    expect(browser.asked("GET /api/incidents/1/candidates").at(-1)).toContain("role=support");
    expect([desk.selection.chosen?.force, desk.selection.role]).toEqual([31, "support"]);
    await desk.sending.send();
    expect(posted().at(-1)).toEqual({ force: 31, role: "support" });
    await desk.open(2);
    expect(browser.asked("GET /api/incidents/2/candidates").at(-1)).toMatch(/\?limit=9$/);
  });
});

describe("a click on a force", () => {
  const own = (answer: object) =>
    browser.answers.set("GET /api/incidents/1/candidates", ({ path }) => ({
      body: path.includes("force=") ? answer : { role: "lead", candidates: [candidate(7), candidate(8)], excluded: [] },
    }));

  it("chooses it for the open incident, proposed or not, and keeps it in the list", async () => {
    own({ role: "lead", candidates: [candidate(42)], excluded: [] });
    await desk.open(1);
    desk.clickForce(8);
    expect([desk.selection.chosen?.force, desk.sheet]).toEqual([8, null]);
    desk.clickForce(42);
    await settled();
    expect([desk.selection.chosen?.force, desk.sheet, desk.sending.canSend]).toEqual([42, null, true]);
    await desk.proposals.refresh();
    expect(desk.selection.chosen?.force).toBe(42);
  });

  it("says why one cannot be sent, and opens its card; so it does where no incident is open", async () => {
    own({ role: "lead", candidates: [], excluded: [{ force: 42, name: "F42", kind: "patrol", code: "support_only" }] });
    await desk.open(1);
    desk.clickForce(42);
    await settled();
    expect([desk.proposals.listing.refused?.code, desk.force, desk.sheet]).toEqual(["support_only", 42, "force"]);
    expect(desk.selection.chosen?.force).toBe(7);
    desk.back();
    desk.back();
    desk.clickForce(8);
    expect([desk.force, desk.sheet]).toEqual([8, "force"]);
  });
});

describe("a further force", () => {
  const on = (pos: number, ...tasks: ReturnType<typeof task>[]) =>
    app.scenes.live.apply(
      events(pos, pos + tasks.length, tasks.map((body) => ({ kind: "task", id: body.id, version: body.version, body }))),
    );

  beforeEach(async () => {
    on(10, task(5, { force: 3 }));
    change(12, { status: "assigned" });
    await desk.open(1);
  });

  it("is proposed to nobody's hand: it is picked, and then supports", async () => {
    expect([desk.selection.chosen, desk.sending.canSend]).toEqual([null, false]);
    desk.selection.choose(1);
    expect([desk.selection.chosen?.force, desk.selection.role, desk.sending.canSend]).toEqual([8, "support", true]);
    await desk.sending.send();
    expect(browser.requests.at(-1)?.body).toEqual({ force: 8, role: "support" });
  });

  it("may be sent to observe, and not to lead beside a lead", () => {
    desk.selection.choose(0);
    desk.selection.role = "observer";
    expect(desk.sending.canSend).toBe(true);
    desk.selection.role = "lead";
    expect(desk.sending.canSend).toBe(false);
  });

  it("keeps its role while another one is picked", () => {
    desk.selection.choose(0);
    desk.selection.role = "observer";
    desk.selection.choose(1);
    expect([desk.selection.chosen?.force, desk.selection.role]).toEqual([8, "observer"]);
  });

  it("leads where the lead has left the others", async () => {
    on(12, task(6, { force: 4, role: "support" }), task(5, { force: 3, version: 2, status: "declined", active: false }));
    await desk.refresh();
    desk.selection.choose(0);
    expect([desk.tasks.map(({ id }) => id), desk.selection.role, desk.sending.canSend]).toEqual([[6], "lead", true]);
  });

  it("is picked for support at once after the lead was sent, before candidates are asked for again", async () => {
    app.scenes.live.load(snapshot({ incidents: [incident(1)] }));
    await desk.refresh();
    desk.selection.choose(0);
    on(10, task(5, { force: 7 }));
    desk.selection.choose(1);
    expect([desk.selection.chosen?.force, desk.selection.role, desk.sending.canSend]).toEqual([8, "support", true]);
  });

  it("that was sent is chosen no more", async () => {
    desk.selection.choose(0);
    on(12, task(6, { force: 7, role: "support" }));
    offer(8);
    await desk.proposals.refresh();
    expect([desk.selection.chosen, desk.sending.canSend]).toEqual([null, false]);
  });

  it("is not sent to a closed incident", () => {
    desk.selection.choose(0);
    change(13, { status: "closed" });
    expect(desk.sending.canSend).toBe(false);
  });
});

describe("Escape", () => {
  it("closes the sheet, then the incident, then the replay", async () => {
    await desk.open(1);
    app.scenes.moment = NOW - 60_000;
    desk.toggle("help");
    desk.back();
    expect([desk.sheet, desk.opened]).toEqual([null, 1]);
    desk.back();
    expect([desk.opened, app.scenes.replaying]).toEqual([null, true]);
    desk.back();
    expect(app.scenes.replaying).toBe(false);
  });
});

it("closes an incident by the version that was looked at", async () => {
  browser.answer("POST /api/incidents/1/close", {});
  await desk.actions.close(incident(1, { version: 3 }), "电话劝和");
  expect(browser.requests.at(-1)).toMatchObject({ body: { note: "电话劝和" }, headers: { "If-Match": '"3"' } });
});
