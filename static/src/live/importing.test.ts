import { describe, expect, it } from "vitest";
import { ApiError } from "../wire/client";
import type { Imported } from "../wire/planning";
import { Importing, refusalOf } from "./importing.svelte";

const wish = { repair: 0.1, datum: "wgs84" as const, swapXy: false, preview: true };

describe("a file of lines", () => {
  it("that is refused lists what is wrong, numbered, with the width that would mend it", () => {
    const where = { type: "Polygon", coordinates: [] };
    const problems = [{ number: 1, fault: "gap", code: "g1", other: "g2", width_m: 0.3, area_m2: 9, where }];
    expect(refusalOf(new ApiError(422, "plan.lines", { problems, count: 140, repair: 0.5 }))).toEqual({
      code: "plan.lines", count: 140, repair: 0.5, where: null,
      problems: [{ number: 1, fault: "gap", code: "g1", other: "g2", widthM: 0.3, where, row: null }],
    });
  });

  it("that cannot be read lists rows", () => {
    const { problems } = refusalOf(new ApiError(422, "plan.file_unusable", { problems: [{ code: "geometry.invalid", row: 7, field: "geom" }] }));
    expect(problems).toEqual([{ number: 1, fault: "geometry.invalid", code: "", other: null, widthM: null, where: null, row: 7 }]);
  });

  it("that was put in another one's place is not shown", async () => {
    const importing = new Importing({ importFile: () => Promise.resolve({ operations: [] } as unknown as Imported) });
    importing.file = new File(["a"], "a.gpkg");
    const sent = importing.send({ id: 1, version: 1 }, wish);
    importing.file = new File(["b"], "b.gpkg");
    await sent;
    expect(importing.found).toBeNull();
  });
});
