import { describe, expect, it } from "vitest";
import { applyEvents, applyHexes, follows, prune, sameView, stateOf, type State } from "./apply";
import { KINDS, type Kind } from "./kinds";
import type { EventsFrame, HexesFrame, HotCell, Hotspots, Incident, Snapshot } from "./types";

type Case = {
  start: Pick<Snapshot, "epoch" | "pos" | "incidents" | "tasks" | "forces">;
  frames: EventsFrame[];
  gap?: boolean;
  end?: Pick<Snapshot, "pos" | "incidents" | "tasks" | "forces">;
};

/** The same cases hold the server's reference reducer to the same behaviour. */
const written = import.meta.glob<Case>("../../../tests/live/cases/*.json", { eager: true, import: "default" });
const drawn = import.meta.glob<Case[]>("../../../tests/live/drawn.json", { eager: true, import: "default" });
const cases = [...Object.entries(written), ...Object.values(drawn).flatMap((all) => all.map((one, i): [string, Case] => [`drawn ${i}`, one]))];

function lists(state: State) {
  const sorted = (kind: Kind) => [...state.entities[kind].values()].sort((a, b) => a.id - b.id);
  return { pos: state.pos, ...Object.fromEntries(Object.entries(KINDS).map(([kind, { list }]) => [list, sorted(kind as Kind)])) };
}

/** No entities of any kind: a case leaves out the kinds that it is not about. */
const NONE = Object.fromEntries(Object.values(KINDS).map(({ list }) => [list, []]));

describe("the shared cases", () => {
  it("are there, written and drawn", () => {
    expect(Object.keys(written).length).toBeGreaterThan(5);
    expect(cases.length).toBeGreaterThan(Object.keys(written).length + 50);
  });

  it.each(cases)("%s", (_, { start, frames, gap, end }) => {
    const state = stateOf({ ...NONE, ...start } as Snapshot);
    const fits = frames.every((frame) => {
      if (!follows(state, frame)) return false;
      applyEvents(state, frame);
      return true;
    });
    expect(fits).toBe(!gap);
    if (end) expect(lists(state)).toEqual({ ...NONE, ...end });
  });
});

const cell = (name: string, count: number): HotCell => ({
  cell: name,
  count,
  expected: 1,
  z: 0,
  q: 1,
  class: "none",
  exposure: null,
  rate: null,
});

const view: Hotspots = { res: 9, window: "24h", category: null, as_of: "t", total: 3, cells: [cell("a", 1), cell("b", 2)] };
const frame: HexesFrame = { ...view, t: "hexes", full: false, gone: ["a"], cells: [cell("b", 5), cell("c", 1)], total: 6 };

describe("cells", () => {
  it("are patched by a frame of the same view", () => {
    expect(sameView(view, frame)).toBe(true);
    expect(applyHexes(view, frame).cells).toEqual([cell("b", 5), cell("c", 1)]);
  });

  it("are replaced by a full frame", () => {
    expect(applyHexes(view, { ...frame, full: true, gone: [] }).cells.map((one) => one.cell)).toEqual(["b", "c"]);
  });

  it("of another view are recognised", () => {
    expect(sameView(view, { ...frame, window: "7d" })).toBe(false);
    expect(sameView(view, { ...frame, category: "hazard.fire" })).toBe(false);
  });
});

describe("what ended a day ago", () => {
  const at = Date.parse("2026-03-02T12:00:00Z");
  const incident = (id: number, closed_at: string | null) => ({ id, version: 1, closed_at }) as Incident;

  it("leaves the picture, and nothing else does", () => {
    const state = stateOf({
      epoch: "e",
      pos: 1,
      incidents: [incident(1, null), incident(2, "2026-03-02T11:00:00Z"), incident(3, "2026-03-01T11:00:00Z")],
      tasks: [],
      forces: [],
    } as unknown as Snapshot);
    expect([...prune(state, at).incident]).toEqual([3]);
    expect([...state.entities.incident.keys()]).toEqual([1, 2]);
  });
});

describe("what changed", () => {
  const start = { epoch: "e", pos: 1, incidents: [{ id: 1, version: 2 }], tasks: [], forces: [] } as unknown as Snapshot;
  const event = (pos: number, changed: object) => ({ pos, at: "t", kind: "incident", id: 1, version: 3, ...changed });
  const after = (...items: object[]) => {
    const frame = { t: "events", from: 1, to: 1 + items.length, items } as EventsFrame;
    return applyEvents(stateOf(start), frame);
  };

  it("names an entity that is gone, once", () => {
    expect([...after(event(2, { gone: true, body: null })).incident]).toEqual([1]);
    expect([...after(event(2, { id: 9, gone: true, body: null })).incident]).toEqual([]);
  });

  it("names nothing of a kind that is not known", () => {
    const kinds = ["toString", "route"].map((kind, i) => event(i + 2, { kind, body: { id: 1, version: 3 } }));
    expect(Object.values(after(...kinds)).every((ids) => ids.size === 0)).toBe(true);
  });
});
