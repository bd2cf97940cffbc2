import { describe, expect, it } from "vitest";
import { at, NOW } from "../testing/bodies";
import { minutesLeft, type Way } from "./arrival";

const travel = { mode: "car", start_minutes: 3, minutes_per_km: 2 };
const where = (metres: number): [number, number] => [120.6, 31.1 + metres / 111_195];
const fix = (metres: number, changed: Partial<NonNullable<Way["fix"]>> = {}) => ({ where: where(metres), at: NOW - 10_000, accuracy: 8, ...changed });
const sent = { status: "assigned" as const, eta_minutes: 8, departed_at: null };
const gone = (minutes: number) => ({ status: "departed" as const, eta_minutes: 8, departed_at: at(-minutes) });

describe("a force that was sent is so many minutes away", () => {
  it.each<[string, number | null, Partial<Way>]>([
    ["by the estimate at sending, with no fix", 8, {}],
    ["by the estimate, with a stale fix", 8, { fix: fix(1000, { at: NOW - 200_000 }) }],
    ["by the estimate, with a coarse fix", 8, { fix: fix(1000, { accuracy: 900 }) }],
    ["by a fresh fix, and the start before it leaves", 5, { fix: fix(1000) }],
    ["by a fresh fix alone once it has left", 2, { fix: fix(1000), task: gone(6) }],
    ["by what is left of the estimate once it has left", 2, { task: gone(6) }],
    ["by none, when it should have arrived", null, { task: gone(9) }],
    ["by none, when it is there", null, { fix: fix(1000), task: { ...gone(5), status: "arrived" } }],
    ["by the estimate, of a mode that the county does not have", 8, { fix: fix(1000), travel: undefined }],
    ["by the estimate, while the incident has no place", 8, { fix: fix(1000), place: null }],
  ])("%s", (_, expected, changed) => {
    const minutes = minutesLeft({ task: sent, travel, fix: undefined, place: where(0), staleMs: 180_000, now: NOW, ...changed });
    if (expected === null) expect(minutes).toBeNull();
    else expect(minutes).toBeCloseTo(expected, 2);
  });
});
