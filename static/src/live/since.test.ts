import { expect, it } from "vitest";
import { since } from "./since";

const SENT = { assigned_at: "2026-03-02T08:00:00Z", accepted_at: null, departed_at: null, arrived_at: null };
const at = (minute: number) => Date.parse(`2026-03-02T08:0${minute}:00Z`);

it.each([
  ["sent", SENT, at(0)],
  ["accepted", { ...SENT, accepted_at: "2026-03-02T08:01:00Z" }, at(1)],
  ["departed", { ...SENT, accepted_at: "2026-03-02T08:01:00Z", departed_at: "2026-03-02T08:02:00Z" }, at(2)],
  ["arrived without a tap before", { ...SENT, arrived_at: "2026-03-02T08:05:00Z" }, at(5)],
])("counts from the last step: %s", (_, task, expected) => expect(since({ closed_at: null }, [task])).toBe(expected));

it("counts from closing, and not at all while nobody is sent", () => {
  expect(since({ closed_at: "2026-03-02T08:09:00Z" }, [SENT])).toBe(at(9));
  expect(since({ closed_at: null }, [])).toBeNull();
});
