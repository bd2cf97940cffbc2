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

export type Permission = "unsupported" | "default" | "granted" | "denied";

export class Attention {
  readonly #platform: Pick<Platform, "audio" | "notifications" | "storage" | "vibrate">;
  #context: AudioContext | null = null;
  /** Whether sounds are on. */
  sound = $state(true);
  /** Whether the desktop shows notifications of this page. */
  permission = $state<Permission>("unsupported");
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
    const context = (this.#context ??= this.#platform.audio());
    if (!context) return;
    // Before the first key or click a browser keeps quiet; from then on it sounds.
    if (context.state === "suspended") void context.resume();
    for (const note of NOTES[name]) sound(context, note);
  }
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
