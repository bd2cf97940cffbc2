/** Who may urge and circulate. */

import { expect, it } from "vitest";
import type { Flow } from "../../wire/cases";
import { isBarred, rolesFor } from "./may";

const FLOW = {
  roles: [
    { code: "supervision", access: ["supervisor"] },
    { code: "above", access: [] },
  ],
  moves: [
    { code: "urge", kind: "urge", by: ["above", "supervision"] },
    { code: "circulate", kind: "circulate", by: ["supervision"] },
  ],
} as unknown as Flow;

it.each([
  ["circulate", "supervisor", false],
  ["circulate", "clerk", true],
  ["urge", "clerk", false],
] as const)("%s by a %s: barred is %s", (kind, role, barred) => {
  expect(isBarred(FLOW, kind, role)).toBe(barred);
});

it("a flow without the move bars everybody, and one that is not known nobody", () => {
  expect([isBarred({ ...FLOW, moves: [] }, "urge", "supervisor"), isBarred(null, "urge", "clerk"), rolesFor(null, "urge")]).toEqual([true, false, []]);
});
