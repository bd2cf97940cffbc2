import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../wire/client";
import type { Drawn, LineFeature, Operation, PlanCalls, PlanDetails, PlanFigures } from "../wire/plans";
import { PlanDesk } from "./plandesk.svelte";

const ROW: PlanFigures = {
  incidents: 10, by_class: {}, workload_minutes: null, households: 100, enterprises: null, farthest_minutes: null, cameras: 3,
  open_incidents: 1, communities_split: null, compactness: 0.5, load_deviation: null, estimated: false,
};
const LOCK: Operation = { op: "lock", codes: ["a"] };

function feature(code: string, name = code): LineFeature {
  const properties = { code, level: "grid", parent_code: "v", name, locked: false, kind: null };
  return { type: "Feature", id: code, properties, geometry: { type: "Polygon", coordinates: [] } };
}

const PLAN = {
  id: 7, version: 3, title: "t", division: "v", division_path: "r.v", reason: "", base_day: "2026-01-01", state: "draft", created_by: 1, author: "P",
  created_at: "", changed_at: "", operations: [], entries: [], redoable: null,
} as unknown as PlanDetails;

const answer = (over: Partial<Drawn> = {}): Drawn => ({
  version: 4, changed: ["a"], ended: [], problems: [], notices: [], figures: { a: { ...ROW, incidents: 8 } }, before: { a: ROW },
  lines: { type: "FeatureCollection", features: [feature("a", "A anew")] }, ...over,
});

function opened({ may = true, plan = {} as Partial<PlanDetails> } = {}) {
  const calls = {
    plan: vi.fn(async () => ({ ...PLAN, ...plan })),
    lines: vi.fn(async () => ({ type: "FeatureCollection", features: [feature("a"), feature("b")] })),
    figures: vi.fn(async () => ({ version: 3, months: 12, masked: false, before: { v: ROW }, after: { v: ROW } })),
    operate: vi.fn(async () => answer()),
    preview: vi.fn(async () => answer()),
    undo: vi.fn(async () => answer()),
    list: vi.fn(async () => ({ items: [], next: null })),
  };
  const desk = new PlanDesk({
    plans: calls as unknown as PlanCalls,
    calls: { allDivisions: async () => ({ items: [{ code: "v", name: "Village", level: "village" }] }) } as never,
    session: { may: () => may, county: null, me: null },
    platform: { address: { params: () => new URLSearchParams(), replace: () => undefined } },
  });
  return { desk, calls };
}

const settled = () => new Promise((done) => setTimeout(done));

describe("the planner's desk", () => {
  it("shows a preview beside the lines, and never makes it one of them", async () => {
    const { desk } = opened();
    await desk.open(7);
    desk.consider(LOCK);
    await settled();
    expect(desk.shown.after.a?.incidents).toBe(8);
    expect([desk.after.a, desk.lines.get("a")?.properties.name]).toEqual([undefined, "a"]);
    desk.forget();
    expect(desk.shown.after.a).toBeUndefined();
  });

  it("takes in what an operation changed, and asks with the version that it knows", async () => {
    const { desk, calls } = opened();
    await desk.open(7);
    expect(await desk.apply(LOCK)).toBe(true);
    expect(calls.operate).toHaveBeenCalledWith(7, 3, LOCK);
    expect([desk.lines.get("a")?.properties.name, desk.after.a?.incidents, desk.before.a?.incidents]).toEqual(["A anew", 8, 10]);
  });

  it("shows a refusal with its place, and keeps the lines", async () => {
    const { desk, calls } = opened();
    await desk.open(7);
    const where = { type: "Point", coordinates: [120, 31] };
    calls.operate.mockRejectedValueOnce(new ApiError(422, "plan.locked", { codes: ["a"], locked: ["a"], where }));
    expect(await desk.apply(LOCK)).toBe(false);
    expect(desk.refusal).toMatchObject({ code: "plan.locked", where, soft: false });
    expect(desk.lines.version).toBe(1);
  });

  it("keeps what is drawn while a change is answered, and asks for it on the lines that the change leaves", async () => {
    const { desk, calls } = opened();
    await desk.open(7);
    let tell: (plan: PlanDetails) => void = () => undefined;
    calls.plan.mockImplementationOnce(() => new Promise((done) => (tell = done)));
    const applied = desk.apply(LOCK);
    await settled();
    desk.consider({ op: "unlock", codes: ["a"] });
    await settled();
    expect(calls.preview).not.toHaveBeenCalled();
    tell({ ...PLAN, version: 4 });
    expect(await applied).toBe(true);
    await settled();
    expect(calls.preview).toHaveBeenCalledWith(7, 4, { op: "unlock", codes: ["a"] });
    expect(desk.preview?.operation.op).toBe("unlock");
  });

  it("loads a plan again that somebody else has changed, and does the operation again if that is wanted", async () => {
    const { desk, calls } = opened();
    await desk.open(7);
    calls.operate.mockRejectedValueOnce(new ApiError(412, "version.stale"));
    calls.plan.mockResolvedValue({ ...PLAN, version: 9 });
    expect(await desk.apply(LOCK)).toBe(false);
    expect(desk.overtaken).toEqual({ again: LOCK });
    await desk.again();
    expect(calls.operate).toHaveBeenLastCalledWith(7, 9, LOCK);
    expect(desk.overtaken).toBeNull();
  });

  it("makes changes one after the other, however fast they are asked for", async () => {
    const kept = (id: number, in_force: boolean) => ({ id, in_force, operation: LOCK, created_by: 1, author: "", at: "" });
    const { desk, calls } = opened({ plan: { operations: [kept(1, true), kept(2, true)] } });
    await desk.open(7);
    calls.plan.mockResolvedValueOnce({ ...PLAN, version: 4, operations: [kept(1, true), kept(2, false)], redoable: 2 });
    calls.plan.mockResolvedValueOnce({ ...PLAN, version: 5, operations: [kept(1, false), kept(2, false)], redoable: 1 });
    expect(await Promise.all([desk.undo(), desk.undo(), desk.undo()])).toEqual([true, true, false]);
    expect(calls.undo.mock.calls.map((call) => (call as unknown[])[1])).toEqual([3, 4]);
    expect([desk.canUndo, desk.redoable?.id]).toEqual([false, 1]);
  });

  it.each([
    [false, {}, "role"],
    [true, { state: "submitted" as const }, "submitted"],
    [true, { state: "returned" as const }, null],
  ])("says why nothing can be drawn: may %s, %o", async (may, plan, why) => {
    const { desk, calls } = opened({ may, plan });
    await desk.open(7);
    expect(desk.whyNotDraw).toBe(why);
    desk.consider(LOCK);
    expect(calls.preview).toHaveBeenCalledTimes(why === null ? 1 : 0);
  });
});
