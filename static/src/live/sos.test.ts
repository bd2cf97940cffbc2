import { describe, expect, it } from "vitest";
import { at, force, snapshot, sos } from "../testing/bodies";
import { Scene } from "./scene.svelte";
import { cameLate, placeOf } from "./sos";

function scene(changed: Parameters<typeof snapshot>[0] = {}): Scene {
  const made = new Scene({ rank: () => new Map() });
  made.load(snapshot({ forces: [force(7)], ...changed }));
  return made;
}

const fixes = { force: [7], lon: [120.7], lat: [31.2], at: [1], speed: [null], heading: [null], accuracy: [20_000] };

describe("a force that calls for help", () => {
  it("is where it says, else where it was last, else at its post", () => {
    expect(placeOf(sos(1), scene({ fixes }))).toEqual([120.6, 31.1]);
    expect(placeOf(sos(1, { lon: null, lat: null }), scene({ fixes }))).toEqual([120.7, 31.2]);
    expect(placeOf(sos(1, { lon: null, lat: null }), scene())).toEqual([120.5, 31]);
    expect(placeOf(sos(1, { lon: null, lat: null, force: null }), scene())).toBeNull();
  });

  it("came late when it was kept for ten minutes without a signal", () => {
    expect(cameLate(sos(1, { sent_at: at(-10), raised_at: at(0) }))).toBe(true);
    expect(cameLate(sos(1, { sent_at: at(0), raised_at: at(0) }))).toBe(false);
  });

  it("is open until somebody acknowledges it, the longest waiting first", () => {
    const made = scene({ alarms: [sos(2), sos(1), sos(3, { acknowledged_at: "2026-03-02T08:31:00Z" })] });
    expect(made.openAlarms.map(({ id }) => id)).toEqual([1, 2]);
  });
});
