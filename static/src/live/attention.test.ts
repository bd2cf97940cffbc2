import { beforeEach, describe, expect, it } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { Attention } from "./attention.svelte";
import type { AlarmKind, Call } from "./alarms";
import { NOTES } from "./sounds";

let browser: FakeBrowser;
const call = (kind: AlarmKind): Call => ({ fresh: [{ kind, n: 1 }], critical: false });

beforeEach(() => void (browser = new FakeBrowser()));

describe("a call", () => {
  it("sounds by its meaning, and not at all once sounds are off, over a reload too", () => {
    const attention = new Attention(browser);
    attention.call(call("high_risk"), "");
    attention.call(call("declined"), "");
    attention.call(call("differs"), "");
    expect(attention.played).toEqual({ urgent: 1, attend: 1, sos: 0 });
    attention.setSound(false);
    const reloaded = new Attention(browser);
    reloaded.call(call("high_risk"), "");
    expect([reloaded.sound, reloaded.played.urgent]).toEqual([false, 0]);
  });

  it("is shown on the desktop only when allowed and while the page is out of sight", async () => {
    browser.allows = "default";
    const attention = new Attention(browser);
    browser.hidden = true;
    attention.call(call("high_risk"), "one");
    await attention.askPermission();
    attention.call(call("high_risk"), "two");
    browser.hidden = false;
    attention.call(call("high_risk"), "three");
    expect(browser.shown).toEqual(["two"]);
  });
});

describe("the sounds", () => {
  it("differ in the number of notes, so that they are told apart without pitch", () => {
    expect(new Set(Object.values(NOTES).map((notes) => notes.length)).size).toBe(Object.keys(NOTES).length);
  });

  it("last two seconds at most", () => {
    for (const notes of Object.values(NOTES)) for (const { at, lasts } of notes) expect(at + lasts).toBeLessThanOrEqual(2);
  });
});
