import { describe, expect, it, vi } from "vitest";
import type { Fixes } from "../wire/types";
import { Fleet } from "./fleet.svelte";

function fixes(...rows: [force: number, lon: number, at: number][]): Fixes {
  const nothing = rows.map(() => null);
  return {
    force: rows.map(([force]) => force),
    lon: rows.map(([, lon]) => lon),
    lat: rows.map(() => 31),
    at: rows.map(([, , at]) => at),
    speed: nothing,
    heading: nothing,
    accuracy: nothing,
  };
}

describe("the fleet", () => {
  it("knows the latest fix of each force", () => {
    const fleet = new Fleet();
    fleet.replace(fixes([7, 120.1, 1000], [8, 120.2, 1000]));
    expect(fleet.where(7)).toEqual([120.1, 31]);
    expect(fleet.seenAt(8)).toBe(1000);
    expect(fleet.where(9)).toBeUndefined();
  });

  it("knows a fix at once, also where no frame is ever drawn", () => {
    vi.useFakeTimers();
    const fleet = new Fleet();
    const before = fleet.version;
    fleet.update(fixes([7, 120.1, 1000]));
    expect(fleet.where(7)).toEqual([120.1, 31]);
    expect(fleet.version).toBe(before);
    vi.useRealTimers();
  });

  it("goes back to an older fix that is far more accurate", () => {
    const fleet = new Fleet();
    fleet.replace({ ...fixes([7, 120.9, 2000], [7, 120.1, 1000], [7, 120.5, 1500]), accuracy: [20_000, 5, 400] });
    expect([fleet.where(7), fleet.accuracyOf(7), fleet.accuracyOf(8)]).toEqual([[120.5, 31], 400, undefined]);
  });

  it("never goes back to an older fix", () => {
    const fleet = new Fleet();
    fleet.replace(fixes([7, 120.1, 2000], [7, 120.9, 1000]));
    expect(fleet.where(7)).toEqual([120.1, 31]);
  });

  it("lets go of a fix whose clock was set back since", () => {
    const fleet = new Fleet();
    const now = Date.now();
    fleet.replace(fixes([7, 120.1, now + 3_600_000], [7, 120.2, now]));
    expect(fleet.where(7)).toEqual([120.2, 31]);
  });

  it("keeps every force when its columns grow", () => {
    const fleet = new Fleet();
    fleet.replace(fixes(...Array.from({ length: 3000 }, (_, i): [number, number, number] => [i + 1, 120 + i / 10_000, 5])));
    expect(fleet.count).toBe(3000);
    expect(fleet.where(1)).toEqual([120, 31]);
    expect(fleet.where(3000)).toEqual([120 + 2999 / 10_000, 31]);
  });

  it("forgets a force, and keeps the others", () => {
    const fleet = new Fleet();
    fleet.replace(fixes([7, 120.1, 1], [8, 120.2, 2], [9, 120.3, 3]));
    fleet.remove(8);
    fleet.remove(8);
    expect([7, 8, 9].map((force) => fleet.where(force)?.[0])).toEqual([120.1, undefined, 120.3]);
    expect([fleet.count, fleet.seenAt(9)]).toEqual([2, 3]);
    expect([...fleet.force, ...fleet.position]).not.toContain(120.2);
    fleet.replace(fixes([8, 120.4, 1]));
    expect(fleet.where(8)).toEqual([120.4, 31]);
  });

  it("starts anew with a new picture", () => {
    const fleet = new Fleet();
    fleet.replace(fixes([7, 120.1, 9000]));
    fleet.replace(fixes([7, 120.3, 1000]));
    expect(fleet.where(7)).toEqual([120.3, 31]);
  });
});
