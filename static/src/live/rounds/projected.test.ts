import { describe, expect, it } from "vitest";
import type { CommandLine, CommandName, Said } from "../../wire/commands";
import type { PatrolRound, PatrolRoute } from "../../wire/rounds";
import { roundsAfter, tallyOf, visitsAfter } from "./projected";

const AT = "2026-03-02T02:00:00Z";
const points = [1, 2].map((n) => ({ id: `p${n}`, name: `Point ${n}`, lon: 120.6, lat: 31.1, code: "" }));
const route: PatrolRoute = { id: 7, grid: "G", name: "East bank", points, changed_at: AT, retired_at: null, division_path: "a.G", version: 1 };

let seq = 0;
function given(command: CommandName, said: Said = {}, id = `c${++seq}`): CommandLine {
  return { id, device: "d", device_seq: seq, device_at: AT, author: 1, command, ...said };
}

/** The round as the server has it, with the reports of these commands at the first point. */
function told(id: string, marks: readonly string[]): PatrolRound {
  const mark = (of: string): NonNullable<PatrolRound["points"][0]["last"]> => ({
    id: of, how: "place", at: AT, device_at: AT, received_at: AT, doubtful: false, lon: 1, lat: 1, distance_m: 5, accuracy_m: null, age_s: null, far: false, reason: "",
  });
  const shown = points.map(({ id: point, name, lon, lat }, i) => ({ id: point, name, lon, lat, last: i || !marks.length ? null : mark(marks.at(-1) ?? ""), earlier: i ? [] : marks.slice(0, -1).map(mark) }));
  return { id, route: 7, route_name: "East bank", grid: "G", force: 1, force_name: "", started_at: AT, ended_at: null, note: "", points: shown, checked: 0, left_out: 0, unreported: 0, far: 0, division_path: "a.G", version: 1 };
}

describe("a round that is kept on the phone", () => {
  const start = given("start_round", { route: 7 });

  it("says how far away each point was reported from, and what was left out", () => {
    const near = given("check_in", { round: start.id, point: "p1", lon: 120.6, lat: 31.1 + 300 / 111_195, accuracy_m: 8 });
    const left = given("leave_out", { round: start.id, point: "p2", reason: "Locked" });
    const [round] = roundsAfter([], [route], [start, near, left]);
    expect(round?.points.map(({ last }) => [last?.how, Math.round(last?.distance_m ?? -1), last?.far, last?.reason, last?.unsent])).toEqual([
      ["place", 300, true, "", true],
      ["left_out", -1, false, "Locked", true],
    ]);
    expect(tallyOf(round ?? { points: [] })).toEqual({ checked: 1, left_out: 1, unreported: 0 });
  });

  it("is not unsent once the server has answered", () => {
    const mark = given("check_in", { round: start.id, point: "p1", lon: 120.6, lat: 31.1 });
    expect(roundsAfter([], [route], [start, mark], new Set([mark.id]))[0]?.points[0]?.last?.unsent).toBe(false);
  });

  it("has no place where only the code was read", () => {
    const [round] = roundsAfter([], [route], [start, given("check_in", { round: start.id, point: "p1", code: "ABCD2345" })]);
    expect(round?.points[0]?.last).toMatchObject({ how: "qr", distance_m: null });
  });

  it("shows what the server has told, not what it was told before", () => {
    const early = given("check_in", { round: start.id, point: "p1", lon: 120.6, lat: 31.1 });
    const shown = roundsAfter([told(start.id, [early.id, "later"])], [route], [start, early]);
    expect(shown).toHaveLength(1);
    expect(shown[0]?.points[0]?.last).toMatchObject({ id: "later", unsent: false });
  });

  it("ends, and leaves the others alone", () => {
    const shown = roundsAfter([told("other", [])], [route], [start, given("end_round", { round: start.id })]);
    expect(shown.map(({ id, ended_at }) => [id, ended_at]).sort()).toEqual([[start.id, AT], ["other", null]].sort());
  });
});

it("counts a visit once, kept or told", () => {
  const lines = [given("visit", { kind: "household", count: 3 }, "v1"), given("visit", { kind: "enterprise", count: 2 }, "v2")];
  expect(visitsAfter([{ id: "v1", kind: "household", count: 3 }], lines)).toEqual({ household: 3, enterprise: 2 });
});
