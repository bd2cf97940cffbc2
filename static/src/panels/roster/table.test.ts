import { describe, expect, it } from "vitest";
import { dayAfter, fieldTime, isoDay, momentOf, useTimeZone } from "../../i18n/format";
import type { Roster, Shift } from "../../wire/rosters";
import { daysFrom, ofWay, servingAt, tableOf } from "./table";

const who = (id: number) => ({ kind: "force" as const, id, name: `F${id}` });
const shift = (id: number, starts_at: string, ends_at: string, attendance: Shift["attendance"] = "rotating"): Shift => ({
  id: `s${id}${starts_at}`, who: who(id), attendance, starts_at, ends_at, unit: null, division: "1", area: "1",
  answer_minutes: null, pattern: "", assumed: false, note: "", cancelled: false, version: 1,
});
const ROSTER = {
  items: [shift(1, "2026-03-01T14:00:00Z", "2026-03-01T22:00:00Z"), shift(1, "2026-03-02T14:00:00Z", "2026-03-02T22:00:00Z"), shift(2, "2026-03-02T01:00:00Z", "2026-03-02T09:00:00Z", "resident")],
  leaves: [{ id: "l", who: who(2), starts_at: "2026-03-02T04:00:00Z", ends_at: "2026-03-02T16:00:00Z", division: "1", area: "1", version: 1 }],
  gaps: [{ cover: "c", division: "1", area: "1", starts_at: "2026-03-02T04:00:00Z", ends_at: "2026-03-02T09:00:00Z", least: 3, held: 1 }],
} as unknown as Roster;

describe("the table of the roster", () => {
  useTimeZone("Asia/Shanghai");
  const days = daysFrom("2026-03-02", 7, dayAfter);
  const areas = tableOf(ROSTER, days, isoDay, (code) => `Town ${code}`);

  it("has a row for each who serves, nights on the day they begin, and leave on each of its days", () => {
    expect(days.at(-1)).toBe("2026-03-08");
    const [two, one] = areas[0]!.rows;
    expect([areas[0]!.name, two!.who.id, one!.who.id]).toEqual(["Town 1", 2, 1]);
    expect(one!.cells[0]!.shifts).toHaveLength(2);
    expect(two!.cells.map(({ leaves }) => leaves.length)).toEqual([1, 0, 0, 0, 0, 0, 0]);
  });

  it("sums a town's day, with how many are missing at the worst moment", () => {
    expect(areas[0]!.sums[0]).toMatchObject({ resident: 1, rotating: 1, on_call: 0, missing: 2 });
    expect(areas[0]!.sums[1]).toMatchObject({ rotating: 0, missing: 0 });
  });

  it("leaves out of a town's day a shift that lies wholly in leave", () => {
    const leaves = [{ ...ROSTER.leaves[0]!, starts_at: "2026-03-01T16:00:00Z" }];
    expect(tableOf({ ...ROSTER, leaves }, days, isoDay, String)[0]!.sums[0]).toMatchObject({ resident: 0, rotating: 1 });
  });

  it("shows those of one attendance alone, with their leave and the town's gaps", () => {
    const rows = (way: Shift["attendance"]) => tableOf(ofWay(ROSTER, way), days, isoDay, String).map(({ rows, gaps }) => [rows.map(({ who }) => who.id), gaps]);
    expect([rows("resident"), rows("rotating"), rows("on_call")]).toEqual([[[[2], 1]], [[[1], 1]], [[[], 1]]]);
    expect(ofWay(ROSTER, "rotating").leaves).toEqual([]);
  });

  it("counts those who serve now without those on leave", () => {
    expect(servingAt(ROSTER, Date.parse("2026-03-02T02:00:00Z")).resident).toBe(1);
    expect(servingAt(ROSTER, Date.parse("2026-03-02T05:00:00Z")).resident).toBe(0);
    expect(servingAt(ROSTER, Date.parse("2026-03-02T22:00:00Z")).rotating).toBe(0);
  });
});

describe("fields of date and time", () => {
  it.each(["Asia/Shanghai", "America/New_York", "UTC"])("show the clock of the county and come back: %s", (zone) => {
    useTimeZone(zone);
    for (const at of ["2026-03-02T14:00:00Z", "2026-03-08T12:30:00Z", "2026-11-01T18:00:00Z"]) {
      expect(momentOf(fieldTime(at))).toBe(Date.parse(at));
    }
    useTimeZone("UTC");
  });
});
