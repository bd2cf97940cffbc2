import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../wire/client";
import type { Transfers } from "../wire/planning";
import { Publishing } from "./publishing.svelte";

const COUNTS = { incident: 3, task: 2, clock: 4, force: 1, home: 0, camera: null, place: 0, account: 0 };
const found = { counts: COUNTS, nobody: ["g1"], shared: { g5: "g6" }, items: [], next: null } as unknown as Transfers;
const item = (id: number) => ({ id }) as Transfers["items"][number];

describe("a publication", () => {
  it("counts an incident with its tasks and clocks once, and needs somebody for each grid left to nobody", async () => {
    const publish = vi.fn(() => Promise.resolve({} as never));
    const publishing = new Publishing({ transfers: () => Promise.resolve(found), publish });
    await publishing.load(7);
    expect([publishing.total, publishing.missing]).toEqual([4, ["g1"]]);
    publishing.chosen = { g1: 12, g5: 13, g7: 14 };
    expect(publishing.missing).toEqual([]);
    expect(await publishing.publish({ id: 7, version: 3 }, "2026-03-03", "")).toBe(true);
    expect(publish).toHaveBeenCalledWith(7, 3, { day: "2026-03-03", posts: [{ division: "g1", force: 12 }, { division: "g5", force: 13 }], note: "" });
  });

  it("draws both plans where another one changes the same divisions, and asks for a force where a grid has nobody", async () => {
    const refusals = [
      new ApiError(409, "plan.contested", { where: { type: "Point" }, other: { type: "Polygon" }, plan: 9, codes: ["g2"] }),
      new ApiError(422, "plan.nobody", { where: null, codes: ["g3"] }),
    ];
    const publishing = new Publishing({ transfers: () => Promise.resolve(found), publish: () => Promise.reject(refusals.shift()!) });
    await publishing.load(7);
    expect(await publishing.publish({ id: 7, version: 3 }, "2026-03-03", "")).toBe(false);
    expect(publishing.against).toMatchObject({ code: "plan.contested", other: { type: "Polygon" }, plan: 9 });
    await publishing.publish({ id: 7, version: 3 }, "2026-03-03", "");
    expect(publishing.missing).toEqual(["g1", "g3"]);
  });

  it("lists a group page by page, and asks for nothing beyond the last one", async () => {
    const pages = [{ ...found, items: [item(1)], next: "1" }, { ...found, items: [item(2)], next: null }];
    const transfers = vi.fn(() => Promise.resolve((pages.shift() ?? found) as Transfers));
    const publishing = new Publishing({ transfers, publish: vi.fn() });
    publishing.found = found;
    transfers.mockResolvedValueOnce(found);
    await publishing.load(7);
    for (let asked = 0; asked < 3; asked++) await publishing.list("incident");
    expect(publishing.lists.incident?.items.map(({ id }) => id)).toEqual([1, 2]);
    expect(transfers).toHaveBeenCalledTimes(3);
  });
});
