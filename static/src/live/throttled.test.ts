import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Throttled } from "./throttled.svelte";

describe("a paced value", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is passed on at once after a rest", () => {
    const paced = new Throttled(0, 500);
    paced.offer(1);
    vi.advanceTimersByTime(0);
    expect(paced.value).toBe(1);
  });

  it("is passed on twice a second in a rush, and ends as the latest", () => {
    const paced = new Throttled(0, 500);
    const seen = new Set<number>();
    for (let n = 1; n <= 100; n++) {
      paced.offer(n);
      vi.advanceTimersByTime(20);
      seen.add(paced.value);
    }
    vi.advanceTimersByTime(500);
    expect(seen.size).toBeLessThanOrEqual(5);
    expect(paced.value).toBe(100);
  });

  it("says nothing once it is stopped", () => {
    const paced = new Throttled(0, 500);
    paced.offer(1);
    paced.stop();
    vi.advanceTimersByTime(1000);
    expect(paced.value).toBe(0);
  });
});
