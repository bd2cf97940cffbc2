import { expect, it } from "vitest";
import { candidate } from "../../../testing/bodies";
import type { Candidates } from "../../../wire/types";
import { isOutOfOrder, keepRows } from "./order";

const list = (...forces: number[]) => ({ candidates: forces.map((force) => candidate(force)), excluded: [] }) as unknown as Candidates;
const forces = ({ candidates }: { candidates: { force: number }[] }) => candidates.map((one) => one.force);

it("keeps each force at its digit, whatever the fresh order", () => {
  expect(forces(keepRows(list(7, 8, 9), list(9, 6, 7)))).toEqual([7, 8, 9, 6]);
});

it("takes in fresh figures and what is excluded now", () => {
  const fresh = { candidates: [candidate(7, 3)], excluded: [{ force: 8, name: "F8", code: "busy" }] } as unknown as Candidates;
  const kept = keepRows(list(7, 8), fresh);
  expect([kept.candidates[0]?.cost_minutes, kept.excluded]).toEqual([3, fresh.excluded]);
});

it("begins with what is fresh", () => {
  expect(forces(keepRows(null, list(3, 4)))).toEqual([3, 4]);
});

it("says when another force would come first", () => {
  expect(isOutOfOrder(list(7, 8, 9).candidates, list(7, 8, 9).candidates)).toBe(false);
  expect(isOutOfOrder(list(7, 8, 9, 5).candidates, list(7, 8, 9, 4).candidates)).toBe(false);
  expect(isOutOfOrder(list(7, 8).candidates, list(6, 7).candidates)).toBe(true);
});
