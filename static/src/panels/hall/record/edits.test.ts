/** Edits beside a colleague's, and entries that name other incidents. */

import { describe, expect, test } from "vitest";
import { incident } from "../../../testing/bodies";
import type { TimelineEntry } from "../../../wire/types";
import { changedBy, editsOf, isUnchanged, rebased, writtenOf } from "./edits";
import { otherOf, restorable } from "./links";
import { mainOf } from "./record.svelte";

const read = writtenOf(incident(1, { title: "Noise", description: "Loud", address: "" }));
const entry = (id: number, kind: string, data: Record<string, unknown> = {}, actor: string | null = "Li") =>
  ({ id, kind, data, actor, at: "2026-03-02T08:00:00Z", force: null, force_name: null }) as TimelineEntry;

describe("edits", () => {
  test("only what differs from what was read is sent", () => {
    expect(isUnchanged(editsOf(read, { ...read, title: "Noise " }))).toBe(true);
    const changed = { title: "Blows", description: "", language: "wu" };
    expect(editsOf(read, { ...read, ...changed, point: [120.7, 31.2] })).toEqual({ ...changed, lon: 120.7, lat: 31.2 });
  });

  test("a colleague's fields are taken in where they were left alone", () => {
    const fresh = { ...read, title: "Their title", description: "Their words", point: [121, 31] as const };
    const mine = rebased(read, { ...read, title: "My title" }, fresh);
    expect(mine).toEqual({ ...fresh, title: "My title" });
    expect(editsOf(fresh, mine)).toEqual({ title: "My title" });
  });

  test("it is told who was faster, not what the server did", () => {
    const log = [entry(1, "registered"), entry(2, "edited", {}, "Wang"), entry(3, "first_response.overdue", {}, null)];
    expect(changedBy(log, 1)?.actor).toBe("Wang");
    expect(changedBy(log, 2)).toBeNull();
  });
});

describe("links in the record", () => {
  test("an entry names the other incident whichever side it was written on", () => {
    const data = [{ of: 7 }, { by: 7 }];
    expect(data.map((of) => otherOf(entry(1, "duplicate_linked", of)))).toEqual([7, 7]);
    expect([otherOf(entry(1, "merged", { into: 8 })), otherOf(entry(1, "merged", { from: 9 })), otherOf(entry(1, "edited", { of: 7 }))]).toEqual([8, 9, null]);
  });

  test("a dismissal is undone once, and again after the next one", () => {
    const log = [entry(1, "duplicate_linked", { of: 7 }), entry(2, "duplicate_dismissed", { of: 7 }), entry(3, "duplicate_dismissed", { by: 8 })];
    expect([...restorable(log)]).toEqual([2, 3]);
    expect([...restorable([...log, entry(4, "duplicate_linked", { of: 7 })])]).toEqual([3]);
  });

  test("the main incident is the one with forces on it, else the older", () => {
    const [older, newer] = [incident(1), incident(2)];
    expect(mainOf(newer, older, () => false)).toBe(older);
    expect(mainOf(newer, older, (id) => id === 2)).toBe(newer);
    expect(mainOf(newer, older, () => true)).toBe(older);
  });
});
