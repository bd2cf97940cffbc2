import { describe, expect, it } from "vitest";
import { Fleet } from "../../live/fleet.svelte";
import { force, NOW } from "../../testing/bodies";
import { coarseCircles } from "./accuracy";

describe("circles of accuracy", () => {
  it("are drawn around coarse positions that are shown, and no others", () => {
    const fleet = new Fleet();
    const ids = [1, 2, 3, 4, 5];
    fleet.replace({
      force: ids,
      lon: ids.map(() => 120.6),
      lat: ids.map(() => 31.1),
      at: [NOW, NOW, NOW, NOW, NOW - 600_000],
      speed: ids.map(() => null),
      heading: ids.map(() => null),
      accuracy: [20_000, 8, null, 500, 500],
    });
    const forces = new Map([force(1), force(2), force(3), force(4, { duty: "off" }), force(5, { duty: "on_call" })].map((one) => [one.id, one]));
    expect(coarseCircles(fleet, { forces, now: NOW, staleMs: 180_000, only: null })).toEqual([{ id: 1, position: [120.6, 31.1], radius: 20_000 }]);
  });
});
