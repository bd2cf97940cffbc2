import { describe, expect, it } from "vitest";
import type { Incident } from "../../wire/types";
import { areaOf, areasOf, pageOf, pagesOf } from "./areas";

const incident = (division_path: string, status: string, first_due_at: string) =>
  ({ division_path, status, first_due_at }) as Incident;

describe("areas of the wall", () => {
  it("are all listed, also those without an incident", () => {
    const found = areasOf([incident("c.t2.v", "registered", "2026-03-02T11:00:00Z")], "c", 0, ["t1", "t2", "t3"]);
    expect(found.map(({ code, waiting }) => [code, waiting])).toEqual([["t2", 1], ["t1", 0], ["t3", 0]]);
  });

  it("take turns where more than fit", () => {
    const areas = areasOf([], "c", 0, Array.from({ length: 30 }, (_, i) => `t${10 + i}`));
    expect([pagesOf(areas), pagesOf(areas.slice(0, 11)), pagesOf([])]).toEqual([3, 1, 1]);
    expect([0, 1, 2, 3].map((turn) => pageOf(areas, turn)[0]?.code)).toEqual(["t10", "t23", "t36", "t10"]);
  });

  it("lie just below one's own, whatever its depth", () => {
    expect(areaOf("320509.t1.v1.g1", "320509")).toBe("t1");
    expect(areaOf("320509.t1.v1.g1", "320509.t1")).toBe("v1");
    expect(areaOf("320509", "320509")).toBe("320509");
  });

  it("count what waits, what is late and what is under way, the busiest first", () => {
    const now = Date.parse("2026-03-02T10:00:00Z");
    const [early, late] = ["2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z"];
    const queue = [
      incident("c.t1.v", "registered", early),
      incident("c.t2.v", "registered", late),
      incident("c.t2.v", "on_scene", early),
    ];
    expect(areasOf(queue, "c", now)).toEqual([
      { code: "t2", waiting: 1, overdue: 0, underWay: 1 },
      { code: "t1", waiting: 1, overdue: 1, underWay: 0 },
    ]);
  });
});
