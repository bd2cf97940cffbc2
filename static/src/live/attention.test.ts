import { beforeEach, describe, expect, it, vi } from "vitest";
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

/** A context as browsers make them: it runs once the page was touched. */
class Context extends EventTarget {
  state: AudioContextState = "suspended";
  touched = false;
  notes = 0;
  currentTime = 0;
  destination = {};
  createOscillator = () => ({ frequency: {}, connect: (to: unknown) => to, start: () => (this.notes += 1), stop: () => undefined });
  createGain = () => ({ gain: { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined }, connect: (to: unknown) => to });
  resume = (): Promise<void> => {
    if (!this.touched) return new Promise(() => undefined);
    this.state = "running";
    this.dispatchEvent(new Event("statechange"));
    return Promise.resolve();
  };
  suspend = (): Promise<void> => {
    this.state = "suspended";
    this.dispatchEvent(new Event("statechange"));
    return Promise.resolve();
  };
}

describe("a page that nobody has touched", () => {
  it("counts what could not be heard, and plays what comes after the press, not what came before", async () => {
    vi.useFakeTimers();
    const context = new Context();
    const attention = new Attention(Object.assign(browser, { audio: () => context as unknown as AudioContext }));
    attention.play("sos");
    await vi.advanceTimersByTimeAsync(600);
    expect([attention.blocked, attention.missed, context.notes]).toEqual([true, 1, 0]);
    context.touched = true;
    attention.arm();
    expect([attention.blocked, attention.missed, context.notes]).toEqual([false, 0, 0]);
    attention.play("urgent");
    expect(context.notes).toBe(NOTES.urgent.length);
    vi.useRealTimers();
  });

  it("sounds at once where the press that signed in armed it", async () => {
    const context = new Context();
    context.touched = true;
    const attention = new Attention(Object.assign(browser, { audio: () => context as unknown as AudioContext }));
    attention.play("attend");
    await vi.waitFor(() => expect(context.notes).toBe(NOTES.attend.length));
    expect(attention.missed).toBe(0);
  });
});

describe("a page that is quiet", () => {
  it("rests after its last sound, which blocks nothing, and wakes for the next", async () => {
    vi.useFakeTimers();
    const context = new Context();
    context.touched = true;
    const attention = new Attention(Object.assign(browser, { audio: () => context as unknown as AudioContext }));
    attention.arm();
    await vi.advanceTimersByTimeAsync(2000);
    attention.play("sos");
    await vi.advanceTimersByTimeAsync(2000);
    expect(context.state).toBe("running");
    await vi.advanceTimersByTimeAsync(2000);
    expect([context.state, attention.blocked]).toEqual(["suspended", false]);
    attention.play("attend");
    await vi.advanceTimersByTimeAsync(0);
    expect([context.state, context.notes, attention.missed]).toEqual(["running", NOTES.sos.length + NOTES.attend.length, 0]);
    vi.useRealTimers();
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
