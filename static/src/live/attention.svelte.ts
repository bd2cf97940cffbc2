/** What calls somebody who looks elsewhere: sounds of the page's own making, the desktop's notifications, a phone's vibration. */

import type { Platform } from "../wire/platform";
import { soundOf, type Call, type SoundName } from "./alarms";
import { NOTES } from "./sounds";

const STORED = "maplebridge.sound";
const OFF = "off";

/** Loudness of a note, of 1 at most: heard at the desk, not in the room. */
const GAIN = 0.07;
/** Milliseconds, on and off in turn: felt in a pocket, and told from a message's short one. */
const NEW_TASK = [400, 200, 400, 200, 800];
const FADE_S = 0.02;
/** A sound that begins later than this is a missed one. */
const SOUNDS_WITHIN_MS = 500;
/** A context that runs takes its part of a processor in silence too: it rests once every sound is over. */
const RESTS_AFTER_MS = 3000;

export type Permission = "unsupported" | "default" | "granted" | "denied";

export class Attention {
  readonly #platform: Pick<Platform, "audio" | "notifications" | "storage" | "vibrate">;
  #context: AudioContext | null = null;
  #isResting = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Whether sounds are on. */
  sound = $state(true);
  /** Whether the desktop shows notifications of this page. */
  permission = $state<Permission>("unsupported");
  /** Whether the browser keeps this page quiet until somebody touches it. */
  blocked = $state(false);
  /** Sounds since then that were not heard. */
  missed = $state(0);
  /** How often each sound was played. */
  played = $state.raw<Readonly<Record<SoundName, number>>>({ urgent: 0, attend: 0, sos: 0 });

  constructor(platform: Pick<Platform, "audio" | "notifications" | "storage" | "vibrate">) {
    this.#platform = platform;
    this.sound = platform.storage.getItem(STORED) !== OFF;
    this.permission = platform.notifications.permission();
  }

  setSound(on: boolean): void {
    this.sound = on;
    this.#platform.storage.setItem(STORED, on ? "on" : OFF);
  }

  /** Asks the browser, which asks the person. Only by a button. */
  async askPermission(): Promise<void> {
    this.permission = await this.#platform.notifications.ask();
  }

  /** Plays the sound of a call, and shows `text` on the desktop while the page is out of sight. `text` names nobody. */
  call(call: Call, text: string): void {
    const sound = soundOf(call);
    if (sound) this.play(sound);
    this.notify(text);
  }

  /** A phone's new task sounds, and is felt. */
  announceTask(): void {
    this.play("urgent");
    this.#platform.vibrate(NEW_TASK);
  }

  notify(text: string): void {
    if (this.permission === "granted" && this.#platform.notifications.hidden()) this.#platform.notifications.show(text);
  }

  play(name: SoundName): void {
    if (!this.sound) return;
    this.played = { ...this.played, [name]: this.played[name] + 1 };
    const context = this.#opened();
    if (!context) return;
    if (context.state === "suspended") void this.#playOnceArmed(context, name);
    else this.#playNow(context, name);
  }

  #playNow(context: AudioContext, name: SoundName): void {
    this.#letRest(context);
    for (const note of NOTES[name]) sound(context, note);
  }

  /** Before the first key or click a browser keeps quiet. What is not heard in time is counted, not played late. */
  async #playOnceArmed(context: AudioContext, name: SoundName): Promise<void> {
    if (await runs(context)) this.#playNow(context, name);
    else [this.blocked, this.missed] = [true, this.missed + 1];
  }

  /** Lets sounds play from now on. Called by a key or a press, such as the one that signs in. */
  arm(): void {
    this.missed = 0;
    void this.#opened()?.resume();
  }

  /** Looks whether sounds would be heard: after a reload nobody may have touched the page. */
  async check(): Promise<void> {
    const context = this.sound ? this.#opened() : null;
    if (context) this.blocked = !(await runs(context));
  }

  #opened(): AudioContext | null {
    if (this.#context) return this.#context;
    const context = (this.#context = this.#platform.audio());
    context?.addEventListener("statechange", () => {
      if (context.state === "running") this.#letRest(context);
      this.blocked = context.state === "suspended" && !this.#isResting;
      if (!this.blocked) this.missed = 0;
    });
    return context;
  }

  /** Suspends the context when the last sound is over. The next one resumes it. */
  #letRest(context: AudioContext): void {
    this.#isResting = false;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#isResting = true;
      void context.suspend();
    }, RESTS_AFTER_MS);
  }
}

/** Every context begins suspended; one that may sound runs a moment later. */
async function runs(context: AudioContext): Promise<boolean> {
  const late = new Promise((resolve) => setTimeout(resolve, SOUNDS_WITHIN_MS));
  await Promise.race([context.resume(), late]);
  return context.state === "running";
}

function sound(context: AudioContext, { hz, at, lasts, shape }: (typeof NOTES)[SoundName][number]): void {
  const [from, until] = [context.currentTime + at, context.currentTime + at + lasts];
  const [tone, loudness] = [context.createOscillator(), context.createGain()];
  tone.type = shape;
  tone.frequency.value = hz;
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(GAIN, from + FADE_S);
  loudness.gain.setValueAtTime(GAIN, until - FADE_S);
  loudness.gain.linearRampToValueAtTime(0, until);
  tone.connect(loudness).connect(context.destination);
  tone.start(from);
  tone.stop(until);
}
