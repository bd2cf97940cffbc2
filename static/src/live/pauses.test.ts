import { describe, expect, it } from "vitest";
import { pauseOf } from "./pauses";

const NOW = Date.parse("2026-03-20T08:00:00+08:00");
const paused = (paused_until: string | null) => ({ paused: true, paused_until, ended_at: null });

describe("a pause", () => {
  it("has run out once its day has come, and not before", () => {
    expect(pauseOf(paused("2026-03-21"), NOW)).toEqual({ day: "2026-03-21", over: false });
    expect(pauseOf(paused("2026-03-20"), NOW)).toEqual({ day: "2026-03-20", over: true });
    expect(pauseOf(paused("2025-12-31"), NOW)?.over).toBe(true);
  });

  it("is none of a case that goes on, has ended, or names no day", () => {
    expect(pauseOf(paused(null), NOW)).toBeNull();
    expect(pauseOf({ ...paused("2026-03-01"), paused: false }, NOW)).toBeNull();
    expect(pauseOf({ ...paused("2026-03-01"), ended_at: "2026-03-02T00:00:00Z" }, NOW)).toBeNull();
  });
});
