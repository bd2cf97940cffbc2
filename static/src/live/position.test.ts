import { describe, expect, it } from "vitest";
import type { Fixes, Force } from "../wire/types";
import { Fleet } from "./fleet.svelte";
import { aside, positionOf } from "./position";

const when = { now: 10_000_000, staleMs: 180_000 };
const force = (duty: Force["duty"]) => ({ id: 7, duty, home_lon: 120, home_lat: 31 }) as Force;

function seen(secondsAgo: number): Fleet {
  const fleet = new Fleet();
  const fix = { force: [7], lon: [121], lat: [32], at: [when.now - secondsAgo * 1000], heading: [null], accuracy: [null] };
  fleet.replace(fix as unknown as Fixes);
  return fleet;
}

describe("where a force stands", () => {
  it("is its fix on duty, however old", () => {
    expect(positionOf(force("on"), seen(4000), when)).toEqual({ lon: 121, lat: 32, seenAt: when.now - 4_000_000 });
  });

  it("is its home on call, unless its device has just reported", () => {
    expect(positionOf(force("on_call"), seen(4000), when)).toEqual({ lon: 120, lat: 31, seenAt: null });
    expect(positionOf(force("on_call"), seen(60), when)).toEqual({ lon: 121, lat: 32, seenAt: when.now - 60_000 });
  });

  it("is its home where no fix is known", () => {
    expect(positionOf(force("on"), new Fleet(), when)).toEqual({ lon: 120, lat: 31, seenAt: null });
  });
});

describe("a masked force", () => {
  it("is drawn within its cell, beside the middle and beside other forces", () => {
    const middle = [120.6, 31.1] as const;
    const drawn = [1, 2, 3, 4, 5].map((force) => aside(force, middle));
    const metres = (a: readonly number[], b: readonly number[]) =>
      Math.hypot(((a[0] as number) - (b[0] as number)) * 95_300, ((a[1] as number) - (b[1] as number)) * 111_320);
    for (const place of drawn) expect(metres(place, middle)).toBeCloseTo(111, -1);
    for (const [i, place] of drawn.entries()) for (const other of drawn.slice(i + 1)) expect(metres(place, other)).toBeGreaterThan(50);
  });
});
