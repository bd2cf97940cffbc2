import { describe, expect, it } from "vitest";
import { at, incident } from "../testing/bodies";
import { areaOf, countsOf, isFiltered, leftOut, listOf, viewOf, WHOLE_QUEUE, withView, type QueueView } from "./queueview";

const rank = new Map([["low", 0], ["high", 1]]);
const view = (changed: Partial<QueueView>): QueueView => ({ ...WHOLE_QUEUE, ...changed });
const ids = (list: readonly { id: number }[]) => list.map(({ id }) => id);

const QUEUE = [
  incident(1, { risk: "high", registered_at: at(-9), first_due_at: at(20), division_path: "c.t1.v1", category: "dispute.family", source: "hotline" }),
  incident(2, { registered_at: at(-30), first_due_at: at(5), division_path: "c.t2", category: "hazard.fire", source: "grid_app" }),
  incident(3, { registered_at: at(-5), first_due_at: at(30), division_path: "c.t1.v2", category: "dispute.labour", source: "grid_app" }),
  incident(4, { status: "assigned", risk: "high", registered_at: at(-60), first_due_at: at(-1), division_path: "c.t2", category: "hazard.fire", source: "hotline" }),
];
const list = (changed: Partial<QueueView>, mine: readonly number[] = []) => ids(listOf(QUEUE, view(changed), { mine: new Set(mine), rank }));

describe("the queue", () => {
  it.each<[Partial<QueueView>, number[]]>([
    [{}, [1, 2, 3]],
    [{ status: "served" }, [4]],
    [{ status: "all" }, [1, 2, 3, 4]],
    [{ area: "t1" }, [1, 3]],
    [{ area: "v2" }, [3]],
    [{ category: "dispute" }, [1, 3]],
    [{ category: "dispute.labour" }, [3]],
    [{ category: "disp" }, []],
    [{ source: "grid_app", area: "t1" }, [3]],
    [{ mine: true, status: "all" }, [2, 4]],
  ])("lists what the filters choose: %o", (changed, listed) => {
    expect(list(changed, [2, 4])).toEqual(listed);
  });

  it.each<[QueueView["sort"], number[]]>([
    ["urgency", [1, 2, 3, 4]],
    ["newest", [3, 1, 2, 4]],
    ["risk", [1, 4, 2, 3]],
    ["due", [2, 1, 3, 4]],
  ])("sorts by %s", (sort, listed) => {
    expect(list({ status: "all", sort })).toEqual(listed);
  });

  it("counts for each choice what it would list, the other filters left as they are", () => {
    const counts = countsOf(QUEUE, view({ area: "t1", source: "grid_app" }), { mine: new Set([3, 4]), scope: "c" });
    expect(counts.area).toEqual(new Map([["t2", 1], ["t1", 1]]));
    expect(counts.source).toEqual(new Map([["hotline", 1], ["grid_app", 1]]));
    expect(counts.category).toEqual(new Map([["dispute", 1], ["dispute.labour", 1]]));
    expect(counts.status).toEqual(new Map([["all", 1], ["waiting", 1]]));
    expect(counts.mine).toBe(1);
  });

  it("names what it leaves out of the critical ones, whatever leaves them out", () => {
    const critical = [QUEUE[0], QUEUE[1]] as typeof QUEUE;
    const out = (changed: Partial<QueueView>) => ids(leftOut(critical, view(changed), new Set([2])));
    expect([out({}), out({ area: "t1" }), out({ mine: true }), out({ status: "served" })]).toEqual([[], [2], [1], [1, 2]]);
  });

  it("names the area on the level below the operator's own", () => {
    const [first] = QUEUE as [(typeof QUEUE)[0]];
    expect([areaOf(first, "c"), areaOf(first, "c.t1"), areaOf(first, "c.t1.v1")]).toEqual(["t1", "v1", "v1"]);
  });
});

describe("the address of a queue", () => {
  const whole = view({ status: "all", sort: "due", area: "320509100", category: "dispute.family", source: "hotline", mine: true });

  it("holds the whole view, and nothing of a queue at rest", () => {
    expect(viewOf(withView(new URLSearchParams(), whole))).toEqual(whole);
    expect(String(withView(new URLSearchParams("panel=queue"), WHOLE_QUEUE))).toBe("panel=queue");
    expect(String(withView(withView(new URLSearchParams(), whole), WHOLE_QUEUE))).toBe("");
  });

  it("is read as a queue at rest where it makes no sense", () => {
    expect(viewOf(new URLSearchParams("status=none&sort=luck&area=%3Cb%3E&category="))).toEqual(WHOLE_QUEUE);
  });

  it("is filtered by what leaves incidents out, not by order and status", () => {
    expect([isFiltered(view({ status: "all", sort: "due" })), isFiltered(view({ mine: true })), isFiltered(whole)]).toEqual([false, true, true]);
  });
});

it("lists closed incidents only where they are asked for, and counts them apart", () => {
  const closed = { ...QUEUE[0]!, id: 99, status: "closed" as const };
  const all = [...QUEUE, closed];
  const basis = { mine: new Set<number>(), rank: new Map<string, number>() };
  expect(listOf(all, view({ status: "closed" }), basis).map(({ id }) => id)).toEqual([99]);
  expect(listOf(all, view({ status: "all" }), basis)).toHaveLength(QUEUE.length);
  expect(countsOf(all, view({}), { mine: basis.mine, scope: "c" }).status.get("closed")).toBe(1);
});
