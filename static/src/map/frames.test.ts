import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Frames, type Ticker } from "./frames";

const FRAME_MS = 16;

/** A browser's window whose time the test lets pass. */
const ticker = (): Ticker => ({
  performance,
  setTimeout: (callback, ms) => setTimeout(callback, ms) as unknown as number,
  clearTimeout: (id) => void clearTimeout(id),
  requestAnimationFrame: (callback) => setTimeout(() => callback(performance.now()), FRAME_MS) as unknown as number,
  cancelAnimationFrame: (id) => void clearTimeout(id),
});

/** A loop as deck's, that asks for the next frame in each. */
function loop() {
  const frames = new Frames(ticker());
  const drawn: number[] = [];
  const draw = (time: number) => {
    drawn.push(time);
    frames.requestAnimationFrame(draw);
  };
  frames.requestAnimationFrame(draw);
  return { frames, drawn };
}

describe("frames of the map", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it("are all that the browser has, at first and after a change", () => {
    const { frames, drawn } = loop();
    vi.advanceTimersByTime(400);
    expect(drawn.length).toBe(400 / FRAME_MS);
    vi.advanceTimersByTime(10_000);
    drawn.length = 0;
    frames.wake();
    vi.advanceTimersByTime(400);
    expect(drawn.length).toBe(400 / FRAME_MS);
  });

  it("are a few a second while nothing changes", () => {
    const { drawn } = loop();
    vi.advanceTimersByTime(10_000);
    drawn.length = 0;
    vi.advanceTimersByTime(10_000);
    expect(drawn.length).toBeGreaterThan(30);
    expect(drawn.length).toBeLessThan(41);
  });

  it("come at once after a change, and once each", () => {
    const { frames, drawn } = loop();
    vi.advanceTimersByTime(10_000);
    drawn.length = 0;
    for (let i = 0; i < 3; i++) frames.wake();
    vi.advanceTimersByTime(FRAME_MS);
    expect(drawn.length).toBe(1);
  });

  it("end when the loop is stopped, and a change begins none", () => {
    const { frames, drawn } = loop();
    for (const rested of [100, 10_000]) {
      vi.advanceTimersByTime(rested);
      frames.cancelAnimationFrame();
      drawn.length = 0;
      frames.wake();
      vi.advanceTimersByTime(10_000);
      expect(drawn).toEqual([]);
      frames.requestAnimationFrame((time) => drawn.push(time));
    }
  });
});
