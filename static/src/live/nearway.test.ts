import { expect, it } from "vitest";
import { comesNear } from "./nearway";

const square = (lon: number, lat: number, half: number) =>
  [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([x = 0, y = 0]): [number, number] => [lon + x * half, lat + y * half]);
const WAY: [number, number][] = [[120, 31], [120.01, 31], [120.01, 31.01]];

it("an area is near that the way crosses between its corners, that holds its beginning, or that lies beside it", () => {
  expect(comesNear(square(120.005, 31, 0.002), WAY, 0)).toBe(true);
  expect(comesNear(square(120, 31, 0.0005), WAY, 0)).toBe(true);
  expect(comesNear(square(119.99, 31.01, 0.03), WAY, 0)).toBe(true);
  expect(comesNear(square(120.014, 31.005, 0.002), WAY, 250)).toBe(true);
});

it("an area is not near that lies farther away, or without a way", () => {
  expect(comesNear(square(120.014, 31.005, 0.002), WAY, 150)).toBe(false);
  expect(comesNear(square(120, 31, 0.1), [], 150)).toBe(false);
  expect(comesNear(square(120.003, 31, 0.001), [[120, 31]], 150)).toBe(false);
  expect(comesNear(square(120.003, 31, 0.001), [[120, 31]], 250)).toBe(true);
});
