import { describe, expect, it } from "vitest";
import type { Candidate, WayByRoad } from "../../../wire/types";
import { WayLine } from "./wayline.svelte";

const candidate = (force: number, params: Record<string, number>): Candidate =>
  ({ force, reasons: [{ code: "travel", minutes: 2, params }] }) as unknown as Candidate;
const BY_ROAD = { route_m: 800 };

function asking(answers: Record<number, Promise<WayByRoad | null>>) {
  const asked: number[] = [];
  const way = (_: number, force: number) => {
    asked.push(force);
    return answers[force] as Promise<WayByRoad | null>;
  };
  return { line: new WayLine({ calls: { way } }), asked };
}

const way = (lon: number): Promise<WayByRoad> => Promise.resolve({ route_m: 800, minutes: 2, line: [[lon, 1]], foot_before_m: 0, foot_after_m: 0 });

describe("the way of the chosen candidate", () => {
  it("is asked for once where it goes by road, and never for an estimate", async () => {
    const { line, asked } = asking({ 1: way(10), 2: way(20) });
    await line.follow(candidate(1, BY_ROAD), 7);
    await line.follow(candidate(1, BY_ROAD), 7);
    await line.follow(candidate(2, { distance_m: 500 }), 7);
    expect(asked).toEqual([1]);
    expect(line.of(1, 7)).toEqual([[10, 1]]);
    expect(line.of(1, 8)).toBeNull();
    expect(line.of(2, 7)).toBeNull();
  });

  it("is that of the one chosen last, whatever answers first", async () => {
    let late: (found: WayByRoad) => void = () => undefined;
    const first = new Promise<WayByRoad>((resolve) => (late = resolve));
    const { line } = asking({ 1: first, 2: way(20) });
    const waiting = line.follow(candidate(1, BY_ROAD), 7);
    await line.follow(candidate(2, BY_ROAD), 7);
    late(await way(10));
    await waiting;
    expect(line.of(2, 7)).toEqual([[20, 1]]);
    expect(line.of(1, 7)).toBeNull();
  });
});
