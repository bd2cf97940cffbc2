import { expect, it } from "vitest";
import { at, incident, NOW, task } from "../testing/bodies";
import type { Incident, Task } from "../wire/types";
import { fieldNewsOf } from "./fieldnews";

const ids = (tasks: Task[], incidents: Incident[] = [incident(1)]) => {
  const found = fieldNewsOf({ tasks, incident: (id) => incidents.find((one) => one.id === id), farM: 300, now: NOW });
  return Object.fromEntries(Object.entries(found).map(([kind, calls]) => [kind, calls.map((call) => call.task.id)]));
};
const declined = (id: number, minutes: number) => task(id, { status: "declined", active: false, assigned_at: at(minutes - 1), ended_at: at(minutes) });

it("a decline waits for a hand until another force is sent, the incident is closed, or half an hour has gone", () => {
  expect(ids([declined(5, -2)]).declined).toEqual([5]);
  expect(ids([declined(5, -2), task(6, { assigned_at: at(-1) })]).declined).toEqual([]);
  expect(ids([declined(5, -2), task(6, { assigned_at: at(-4) })]).declined).toEqual([5]);
  expect(ids([declined(5, -2)], [incident(1, { status: "closed" })]).declined).toEqual([]);
  expect(ids([declined(5, -31)]).declined).toEqual([]);
});

it("the last of two declines waits alone", () => {
  expect(ids([declined(5, -10), declined(6, -2)]).declined).toEqual([6]);
});

it("a call for support waits while its task lasts, until another is sent, and again when it is repeated", () => {
  const calling = (minutes: number) => task(5, { assigned_at: at(-9), support_asked_at: at(minutes) });
  expect(ids([calling(-3)]).support).toEqual([5]);
  expect(ids([calling(-3), task(6, { assigned_at: at(-2) })]).support).toEqual([]);
  expect(ids([calling(-1), task(6, { assigned_at: at(-2) })]).support).toEqual([5]);
  expect(ids([{ ...calling(-3), active: false }]).support).toEqual([]);
});

it("an end far from the place is told, one near it or of unknown place is not", () => {
  const ended = (away_m: number | null) => task(5, { status: "finished", active: false, ended_at: at(-1), away_m });
  expect([ended(650), ended(300), ended(null)].map((one) => ids([one], []).far)).toEqual([[5], [], []]);
});
