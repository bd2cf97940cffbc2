import type { Layer, PickingInfo } from "@deck.gl/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppState } from "../live/app.svelte";
import { county, force, incident, NOW, snapshot, sos, task } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { NOTHING_CHOSEN, type Choice } from "./compose";
import { idOf, Situation } from "./situation.svelte";

const fixes = { force: [7], lon: [120.5], lat: [31], at: [NOW], speed: [null], heading: [null], accuracy: [null] };
const cell = { cell: "88309b4a55fffff", count: 3, expected: 1, z: 2, q: 0.01, class: "new", exposure: null, rate: null } as const;
const hotspots = { res: 8, window: "24h" as const, category: null, as_of: "t", total: 3, cells: [cell] };

function drawn(choice: Choice = NOTHING_CHOSEN): { app: AppState; situation: Situation } {
  const app = new AppState(new FakeBrowser());
  app.session.county = county;
  app.scenes.live.load(snapshot({ incidents: [incident(1)], tasks: [task(5)], forces: [force(7)], fixes, hotspots }));
  const icons = {} as HTMLCanvasElement;
  return { app, situation: new Situation(app, { choice: () => choice, cameras: () => [], icons }) };
}

const ids = (layers: readonly Layer[]) => layers.map((layer) => layer.id);
const rows = (layers: readonly Layer[], id: string) =>
  (layers.find((layer) => layer.id === id)?.props as unknown as { data: { length: number } } | undefined)?.data.length;

describe("the situation", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  it("becomes layers, hotspots lowest and forces highest", () => {
    const { situation } = drawn();
    expect(ids(situation.layers)).toEqual(["hexes", "hot-signs", "ways", "incident-halo", "incident-edges", "incidents", "forces"]);
    expect(["hexes", "ways", "incidents", "forces"].map((id) => rows(situation.layers, id))).toEqual([1, 1, 1, 1]);
  });

  it.each(["hexes", "incidents", "forces"] as const)("leaves out %s that are switched off", (layer) => {
    const { app, situation } = drawn();
    app.mapView.toggle(layer);
    expect(ids(situation.layers)).not.toContain(layer);
  });

  it("follows what the feed brings, twice a second at most", () => {
    const { app, situation } = drawn();
    app.scenes.live.load(snapshot({ incidents: [incident(1), incident(2)] }));
    situation.follow();
    vi.advanceTimersByTime(500);
    expect(rows(situation.layers, "incidents")).toBe(2);
  });

  it("draws a circle around a coarse position, and a ring around a call for help", () => {
    const { app, situation } = drawn();
    app.scenes.live.load(snapshot({ forces: [force(7)], fixes: { ...fixes, accuracy: [20_000] }, alarms: [sos(1)] }));
    expect([rows(situation.layers, "accuracy"), rows(situation.layers, "sos")]).toEqual([1, 1]);
  });

  it("counts forces by town from afar, except those of the chosen incident", () => {
    const { app, situation } = drawn({ ...NOTHING_CHOSEN, incident: incident(1) });
    const many = Array.from({ length: 90 }, (_, i) => force(i + 1, { division_path: `320509.t${i % 2}` }));
    const at = many.map((one) => one.id);
    const all = <Value>(value: Value) => at.map(() => value);
    const moved = { force: at, lon: all(120.5), lat: all(31), at: all(NOW), speed: all(null), heading: all(null), accuracy: all(null) };
    app.scenes.live.load(snapshot({ incidents: [incident(1)], tasks: [task(5)], forces: many, fixes: moved }));
    app.mapView.zoom = 9;
    expect(rows(situation.layers, "forces")).toBe(1);
    expect(rows(situation.layers, "force-groups")).toBe(2);
    app.mapView.zoom = 16;
    expect([rows(situation.layers, "forces"), rows(situation.layers, "force-groups")]).toEqual([90, undefined]);
  });

  it("rings the chosen incident and names the force on its way", () => {
    const { situation } = drawn({ ...NOTHING_CHOSEN, incident: incident(1) });
    expect(ids(situation.layers)).toContain("chosen");
    expect(situation.tags).toMatchObject([{ id: 7, text: "F7 · 0 秒前", side: "left" }]);
  });

  it("says what a pixel shows, by what was drawn", () => {
    const { situation } = drawn();
    const layer = situation.layers.find((one) => one.id === "forces");
    const picked = situation.picked({ layer, index: 0 } as unknown as PickingInfo);
    expect(picked && idOf(picked)).toBe(7);
    expect(situation.picked({ layer, index: -1 } as unknown as PickingInfo)).toBeNull();
  });

  it("carries the review number, and says where nothing is drawn for want of boundaries", () => {
    const { app, situation } = drawn();
    app.session.county = { ...county, review_number: "GS(2024)0650号", bbox: null } as unknown as typeof county;
    expect(situation.credit).toContain("GS(2024)0650号");
    expect(situation.notice).not.toBe("");
  });

  it("credits OpenStreetMap for given roads, and nobody for made ones, which it marks as such", () => {
    const { app, situation } = drawn();
    const credit = "© OpenStreetMap contributors";
    app.session.county = { ...county, roads: { engine: "library", origin: "given", credit } };
    expect(situation.credit).toBe("© OpenStreetMap 贡献者");
    app.session.county = { ...county, roads: { engine: "library", origin: "made" } };
    expect(situation.credit).toBe("道路与水系为演示生成");
  });
});
