import { describe, expect, it } from "vitest";
import { linkState, reconnectDelay, STALE_AFTER_MS } from "./link";

describe("a lost link", () => {
  it("is tried again soon, then ever less often, never more than ten seconds apart", () => {
    const longest = Array.from({ length: 20 }, (_, attempt) => reconnectDelay(attempt, 0.999));
    expect(longest[0]).toBeLessThanOrEqual(400);
    expect(Math.max(...longest)).toBeLessThanOrEqual(10_000);
    expect(longest).toEqual([...longest].sort((a, b) => a - b));
  });

  it("is tried at another moment by every screen", () => {
    expect(reconnectDelay(6, 0)).toBeLessThan(reconnectDelay(6, 0.9) - 3000);
  });
});

describe("the state of the link", () => {
  it("is stale when the server says that its picture is", () => {
    expect(linkState(true, 1000, 1001, [{ code: "database.away" }])).toBe("stale");
    expect(linkState(true, 1000, 1001, [{ code: "source.failing" }])).toBe("live");
  });

  it("is stale as soon as the beat is missed", () => {
    expect(linkState(true, 1000, 1000 + STALE_AFTER_MS)).toBe("live");
    expect(linkState(true, 1000, 1001 + STALE_AFTER_MS)).toBe("stale");
  });

  it("distinguishes a first connection from a lost one", () => {
    expect(linkState(false, null, 5000)).toBe("connecting");
    expect(linkState(false, 1000, 5000)).toBe("down");
  });
});
