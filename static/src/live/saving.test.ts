/** Files that are saved or shown, and refusals that are told. */

import { beforeEach, expect, it, vi } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { nameOf } from "../wire/files";
import { Saving } from "./saving.svelte";

const PATH = "/api/export/grids?format=gpkg";
let browser: FakeBrowser;
let checks: number;
let saving: Saving;

beforeEach(() => {
  browser = new FakeBrowser();
  checks = 0;
  saving = new Saving({ platform: browser, session: { check: () => Promise.resolve(void (checks += 1)) } });
});

it("saves a file under its name, once however often it is asked for meanwhile", async () => {
  browser.answer("GET /api/export/grids", {});
  const first = saving.save(PATH);
  await saving.save(PATH);
  expect(saving.busy).toBe(true);
  await first;
  expect([browser.saved, browser.asked("GET").length, saving.busy, saving.problem]).toEqual([["grids"], 1, false, null]);
});

it.each([
  [422, "view_export.too_demanding", 0],
  [429, "reads.too_many", 0],
  [503, "database.away", 0],
  [401, "session.missing", 1],
])("tells a refusal %i %s and saves nothing", async (status, code, checked) => {
  browser.refuse("GET /api/export/grids", status, code);
  await saving.save(PATH);
  expect([saving.problem, browser.saved, checks]).toEqual([code, [], checked]);
  browser.answer("GET /api/export/grids", {});
  await saving.save(PATH);
  expect([saving.problem, browser.saved]).toEqual([null, ["grids"]]);
});

it("tells that the server is away, and that a proxy has no words", async () => {
  browser.cut("GET /api/export/grids");
  await saving.save(PATH);
  expect(saving.problem).toBe("unreachable");
  vi.spyOn(browser, "fetch").mockResolvedValue(new Response("<html>Bad gateway</html>", { status: 502 }));
  await saving.save(PATH);
  expect(saving.problem).toBe("http.502");
});

it("shows a file in a window, and saves it where none opens", async () => {
  browser.answer("GET /api/export/grids", {});
  await saving.show(PATH);
  browser.opensWindows = false;
  await saving.show(PATH);
  expect([browser.opened, browser.saved]).toEqual([["grids"], ["grids"]]);
});

it.each([
  ['attachment; filename="grids-wgs84-20261126.gpkg"', "grids-wgs84-20261126.gpkg"],
  ["attachment; filename*=utf-8''%E6%96%B9%E6%A1%88.pdf", "方案.pdf"],
  ["inline; filename=a.pdf; size=3", "a.pdf"],
  ["", "grids"],
])("takes the name of %s", (disposition, name) => expect(nameOf(disposition, PATH)).toBe(name));
