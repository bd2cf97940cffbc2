import { describe, expect, it } from "vitest";
import { at, NOW, task } from "../testing/bodies";
import type { Presence } from "../wire/types";
import { piecesOf, silentSince, taskOnPhone } from "./presence";

const view = { now: NOW, unseenMs: 30_000 };

function presence(changed: Partial<Presence> = {}): Presence {
  return { id: 7, state: "front", since: at(-60), task: null, reached_at: null, seen_at: null, notified_task: null, notified_at: null, version: 1, ...changed };
}

describe("a task on its force's phone", () => {
  const fresh = task(1, { assigned_at: at(-0.1) });
  const old = task(1, { assigned_at: at(-2) });

  it.each([
    ["no page was ever open", fresh, undefined, "no_phone"],
    ["it was just sent", fresh, presence(), "waiting"],
    ["the page has another task", fresh, presence({ task: 9, seen_at: at(-30) }), "waiting"],
    ["it came behind another app", fresh, presence({ task: 1, reached_at: at(-0.05) }), "reached"],
    ["it is there but nobody looks", old, presence({ task: 1, reached_at: at(-1.9) }), "unseen"],
    ["nothing came for too long", old, presence(), "unseen"],
    ["it was in front", old, presence({ task: 1, reached_at: at(-2), seen_at: at(-1) }), "seen"],
  ])("%s", (_, sent, from, state) => {
    expect(taskOnPhone(sent, from, view)?.state).toBe(state);
  });

  it("says when it was seen after the answer too, and nothing of one that was answered by radio", () => {
    const accepted = task(1, { status: "accepted" });
    expect(taskOnPhone(accepted, presence({ task: 1, seen_at: at(-1) }), view)).toEqual({ state: "seen", since: NOW - 60_000 });
    expect(taskOnPhone(accepted, presence(), view)).toBeNull();
  });
});

describe("a page that sends no position", () => {
  const hidden = presence({ state: "background", since: at(-6) });

  it("is silent from the moment it was hidden until a fix comes", () => {
    expect(silentSince(hidden, NOW - 7 * 60_000)).toBe(NOW - 6 * 60_000);
    expect(silentSince(hidden, NOW)).toBeNull();
    expect(silentSince(presence(), NOW - 7 * 60_000)).toBeNull();
    expect(silentSince(hidden, undefined)).toBeNull();
  });

  it("leaves a gap in the trail without a line across", () => {
    const trail = { lon: [1, 2, 3, 4], lat: [1, 2, 3, 4], at: [0, 30_000, 390_000, 420_000] };
    expect(piecesOf(trail, 180_000)).toEqual([[[1, 1], [2, 2]], [[3, 3], [4, 4]]]);
    expect(piecesOf({ lon: [], lat: [], at: [] }, 180_000)).toEqual([]);
  });
});
