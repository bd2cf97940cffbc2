/** A call for help from this page: held, counted down, sent, and tried again until the hall has it. */

import type { AppState } from "../../live/app.svelte";
import type { Kept } from "../../live/kept";
import { ApiError } from "../../wire/client";

export const HOLD_MS = 3_000;
export const CANCEL_MS = 5_000;
/** An answer that takes longer is none: the number to call stands there meanwhile. */
export const SAID_WITHIN_MS = 1_000;
const AGAIN_MS = 3_000;
/** An older fix is not sent with the call: the hall has the last one, with its age. */
export const FRESH_MS = 10_000;

/** `counting`: it can still be taken back. `unsent`: the hall does not have it, and it is tried again. */
export type SosState = "idle" | "holding" | "counting" | "sending" | "unsent" | "sent" | "refused";

export type Place = { lon: number; lat: number; accuracy: number; at: number };
export type KeptCall = { force: number; at: number; place: Place | null };

export type SosCallParts = {
  calls: Pick<AppState["calls"], "callForHelp">;
  platform: Pick<AppState["platform"], "vibrate">;
  /** What a reload must not lose. */
  kept: Pick<Kept<KeptCall>, "read" | "write">;
  geolocation: Pick<Geolocation, "getCurrentPosition"> | undefined;
  now: () => number;
};

/** The better of two fixes: the newer one, however exact the older is; of one moment the more exact. */
export function betterPlace(one: Place | null, other: Place): Place {
  if (!one || other.at > one.at) return other;
  return other.at === one.at && other.accuracy < one.accuracy ? other : one;
}

export class SosCall {
  readonly #parts: SosCallParts;
  state = $state<SosState>("idle");
  /** Where it was called, where that is known and fresh. */
  place = $state.raw<Place | null>(null);
  /** When it was called, epoch milliseconds. */
  at = $state<number | null>(null);
  #force: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sends = false;

  constructor(parts: SosCallParts) {
    this.#parts = parts;
  }

  /** Goes on with a call of this force that a reload interrupted. */
  resume(force: number): void {
    const kept = this.#parts.kept.read(this.#parts.now());
    if (this.state !== "idle" || kept?.force !== force) return;
    [this.#force, this.at, this.place] = [kept.force, kept.at, kept.place];
    this.state = "unsent";
    void this.#send();
  }

  hold(force: number): void {
    if (this.state !== "idle" && this.state !== "sent" && this.state !== "refused") return;
    [this.#force, this.place] = [force, null];
    this.state = "holding";
    this.#locate();
    this.#after(HOLD_MS, () => this.#count());
  }

  /** Lets go before the ring is full. */
  release(): void {
    if (this.state === "holding") this.#rest();
  }

  cancel(): void {
    if (this.state === "counting") this.#rest();
  }

  /** Shown and read: the button is back. */
  dismiss(): void {
    if (this.state === "sent" || this.state === "refused") this.#rest();
  }

  /** Tries at once, when the connection is back. */
  again(): void {
    if (this.state === "unsent") void this.#send();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    [this.state, this.at] = ["idle", null];
  }

  #count(): void {
    this.at = this.#parts.now();
    this.state = "counting";
    this.#parts.platform.vibrate([200]);
    this.#after(CANCEL_MS, () => this.#go());
  }

  #go(): void {
    const kept: KeptCall = { force: this.#force ?? 0, at: this.at ?? this.#parts.now(), place: this.#freshPlace() };
    this.place = kept.place;
    this.#parts.kept.write(kept, this.#parts.now());
    this.state = "sending";
    void this.#send();
  }

  #freshPlace(): Place | null {
    return this.place && Math.abs((this.at ?? 0) - this.place.at) <= FRESH_MS ? this.place : null;
  }

  async #send(): Promise<void> {
    if (this.#sends || this.#force === null || this.at === null) return;
    this.#sends = true;
    this.#after(SAID_WITHIN_MS, () => this.state === "sending" && (this.state = "unsent"));
    try {
      const taken = await this.#parts.calls.callForHelp({ force: this.#force, at: this.at, place: this.place });
      this.#forget();
      this.state = taken ? "sent" : "refused";
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.state = "unsent";
    } finally {
      this.#sends = false;
    }
    if (this.state === "unsent") this.#after(AGAIN_MS, () => void this.#send());
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#parts.kept.write(null, this.#parts.now());
  }

  #locate(): void {
    this.#parts.geolocation?.getCurrentPosition(
      ({ coords, timestamp }) => (this.place = betterPlace(this.place, { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: timestamp })),
      () => undefined,
      { enableHighAccuracy: true, maximumAge: FRESH_MS, timeout: HOLD_MS + CANCEL_MS },
    );
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
