import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Latest } from "./latest";

const EVERY_MS = 80;

type Asked = { wanted: number; answer: (value: string) => void; fail: (problem: Error) => void };

function asking() {
  const asked: Asked[] = [];
  const shown: string[] = [];
  const failed: string[] = [];
  const latest = new Latest<number, string>({
    everyMs: EVERY_MS,
    ask: (wanted) => new Promise((answer, fail) => asked.push({ wanted, answer, fail })),
    onAnswer: (answer) => shown.push(answer),
    onError: (problem) => failed.push((problem as Error).message),
  });
  const settled = () => vi.advanceTimersByTimeAsync(EVERY_MS);
  return { asked, shown, failed, latest, settled };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the newest request", () => {
  it("waits for the one in flight, and replaces what waited before it", async () => {
    const { asked, shown, latest, settled } = asking();
    for (let i = 1; i <= 200; i++) latest.offer(i);
    expect(asked.map(({ wanted }) => wanted)).toEqual([1]);
    asked[0]?.answer("first");
    await settled();
    expect(asked.map(({ wanted }) => wanted)).toEqual([1, 200]);
    asked[1]?.answer("last");
    await settled();
    expect(shown).toEqual(["first", "last"]);
    expect(latest.pending).toBe(false);
  });

  it("keeps its distance from the one before, however fast the answers come", async () => {
    const sent: number[] = [];
    const latest = new Latest<number, void>({ everyMs: EVERY_MS, ask: async (wanted) => void sent.push(wanted), onAnswer: () => undefined, onError: () => undefined });
    for (let i = 0; i < 200; i++) {
      latest.offer(i);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.length).toBeLessThanOrEqual(26);
    expect(sent.at(-1)).toBe(199);
  });

  it("is not shown once it was dropped, and one that is offered afterwards is", async () => {
    const { asked, shown, latest, settled } = asking();
    latest.offer(1);
    latest.offer(2);
    latest.drop();
    expect(latest.pending).toBe(false);
    latest.offer(3);
    asked[0]?.answer("late");
    await settled();
    asked[1]?.answer("three");
    await settled();
    expect(asked.map(({ wanted }) => wanted)).toEqual([1, 3]);
    expect(shown).toEqual(["three"]);
  });

  it("fails alone: the next is asked all the same", async () => {
    const { asked, shown, failed, latest, settled } = asking();
    latest.offer(1);
    latest.offer(2);
    asked[0]?.fail(new Error("refused"));
    await settled();
    asked[1]?.answer("two");
    await settled();
    expect([failed, shown]).toEqual([["refused"], ["two"]]);
  });
});
