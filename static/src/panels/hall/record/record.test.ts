/** Registering, and what stays when the server is away or refuses. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AppState } from "../../../live/app.svelte";
import { county, incident, me, NOW, snapshot } from "../../../testing/bodies";
import { FakeBrowser } from "../../../testing/browser";
import { Desk } from "../desk.svelte";
import { IncidentRecord } from "./record.svelte";

let browser: FakeBrowser;
let desk: Desk;
let record: IncidentRecord;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  browser = new FakeBrowser();
  const app = new AppState(browser);
  app.session.county = county;
  app.session.me = { ...me, sources: ["window"], permissions: ["incidents.edit"] };
  app.scenes.live.load(snapshot({ incidents: [incident(1), incident(2)] }));
  desk = new Desk(app);
  record = new IncidentRecord({ ...app, desk });
  record.draft.source = "window";
  record.draft.write("category", "dispute");
  record.draft.write("title", "A quarrel");
  record.draft.put([120.6, 31.1]);
});
afterEach(() => void vi.useRealTimers());


test("what is written stays while the server is away, and is registered once when it is back", async () => {
  record.toggleNew();
  expect(desk.sheet).toBe("new");
  browser.cut("POST /api/incidents");
  await record.register();
  expect([record.draft.problem, record.draft.fields.title, desk.sheet]).toEqual(["unreachable", "A quarrel", "new"]);
  browser.answer("POST /api/incidents", incident(2));
  await record.register();
  expect([record.draft.isBlank, desk.sheet, desk.opened]).toEqual([true, null, 2]);
  const keys = browser.requests.filter(({ method, path }) => method === "POST" && path === "/api/incidents").map(({ headers }) => headers["Idempotency-Key"]);
  expect(new Set(keys).size).toBe(1);
});

test("the form that is closed keeps what is written", () => {
  record.toggleNew();
  record.toggleNew();
  expect(desk.sheet).toBeNull();
  expect(record.draft.fields.title).toBe("A quarrel");
});

test("edit, note and report belong to the open incident", async () => {
  browser.answer("GET /api/incidents/1/report.pdf", {});
  record.open("edit");
  record.open("note");
  record.print();
  expect([record.form, record.report.busy]).toEqual([null, false]);
  desk.shown.id = 1;
  record.open("edit");
  expect(record.form).toBe("edit");
  record.open("note");
  expect(record.form).toBe("note");
  record.print();
  await vi.waitFor(() => expect(browser.opened).toEqual(["report.pdf"]));
  expect([browser.asked("GET /api/incidents"), record.reported]).toEqual([["GET /api/incidents/1/report.pdf?lang=zh"], 1]);
});

test("a refused note is told and not lost, and an incident that is merged gives way to its main one", async () => {
  desk.shown.id = 2;
  browser.refuse("POST /api/incidents/2/notes", 403, "access.forbidden");
  expect(await record.note(incident(2), "Hello")).toBe(false);
  expect(record.problem).toBe("access.forbidden");
  browser.answer("POST /api/incidents/2/merge", incident(2, { status: "closed", merged_into: 1 }));
  await record.merge(incident(2), incident(1));
  expect([record.problem, desk.opened]).toEqual([null, 1]);
});
