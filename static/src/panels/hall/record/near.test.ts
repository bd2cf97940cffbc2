/** Which open incidents may be the one on the telephone. */

import { expect, test } from "vitest";
import { at, incident, NOW } from "../../../testing/bodies";
import { metresBetween } from "../../../live/metres";
import { likelyTwins } from "./near";

const limits = { metres: 150, minutes: 120 };
const sought = { category: "dispute.family", point: [120.6, 31.1] as const, address: "" };
const ids = (incidents: ReturnType<typeof incident>[], changed: Partial<typeof sought> = {}) =>
  likelyTwins(incidents, { ...sought, ...changed }, { limits, now: NOW }).map((one) => one.incident.id);

test("a degree of latitude is a hundred and eleven kilometres", () => {
  expect(metresBetween([120, 31], [120, 32])).toBeCloseTo(111_195, -2);
});

test("the near and recent of the class are listed, the nearest first", () => {
  const listed = [
    incident(1, { category: "dispute.neighbour", lon: 120.601, lat: 31.1 }),
    incident(2, { category: "dispute.family", lon: 120.6002, lat: 31.1 }),
    incident(3, { category: "hazard.fire", lon: 120.6, lat: 31.1 }),
    incident(4, { category: "dispute.family", lon: 120.61, lat: 31.1 }),
    incident(5, { category: "dispute.family", lon: 120.6, lat: 31.1, occurred_at: at(-121) }),
  ];
  expect(ids(listed)).toEqual([2, 1]);
  expect(ids(listed, { category: "" }), "any class, until one is chosen").toEqual([3, 2, 1]);
});

test("words stand for a place where either has no point", () => {
  const unplaced = incident(6, { category: "dispute.family", lon: null, lat: null, address: "East gate, stall 12" });
  expect(ids([unplaced], { address: "east gate" })).toEqual([6]);
  expect(ids([unplaced], { address: "" })).toEqual([]);
  expect(ids([unplaced], { address: "west gate" })).toEqual([]);
});
