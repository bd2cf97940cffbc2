/** Sends the phone's position to the server, only while its user has switched it on. */

import { createContext } from "svelte";
import type { Calls } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { Said } from "../../wire/commands";

const AT_MOST_EVERY_MS = 5_000;
const PLACE_LASTS_MS = 5 * 60_000;

export type Sharing = "off" | "asking" | "on" | "denied" | "unsupported";

export type PositionSharingParts = { calls: Pick<Calls, "reportFix">; geolocation: Geolocation | undefined };

export class PositionSharing {
  readonly #parts: PositionSharingParts;
  sharing = $state<Sharing>("off");
  /** Epoch milliseconds of the last fix that was sent. */
  sentAt = $state<number | null>(null);
  #last: { lon: number; lat: number; accuracy_m: number; at: number } | null = null;
  #watch: number | null = null;
  #triedAt = 0;

  constructor(parts: PositionSharingParts) {
    this.#parts = parts;
    if (!parts.geolocation) this.sharing = "unsupported";
  }

  start(force: number): void {
    const { geolocation } = this.#parts;
    if (this.#watch !== null || !geolocation) return;
    this.sharing = "asking";
    this.#watch = geolocation.watchPosition(
      (position) => void this.#report(force, position),
      (problem) => this.#failed(problem),
      { enableHighAccuracy: true, maximumAge: 2_000 },
    );
  }

  /** Where the phone is, while that is shared and not older than five minutes. */
  place(): Said {
    const last = this.#last;
    if (!last || this.sharing !== "on" || Date.now() - last.at > PLACE_LASTS_MS) return {};
    const { at, ...place } = last;
    return { ...place, age_s: Math.max(0, Math.round((Date.now() - at) / 1000)) };
  }

  stop(): void {
    if (this.#watch !== null) this.#parts.geolocation?.clearWatch(this.#watch);
    this.#watch = null;
    if (this.sharing !== "unsupported") this.sharing = "off";
  }

  #failed(problem: GeolocationPositionError): void {
    if (problem.code !== problem.PERMISSION_DENIED) return;
    this.stop();
    this.sharing = "denied";
  }

  async #report(force: number, { coords, timestamp }: GeolocationPosition): Promise<void> {
    this.sharing = "on";
    this.#last = { lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: timestamp };
    if (Date.now() - this.#triedAt < AT_MOST_EVERY_MS) return;
    this.#triedAt = Date.now();
    try {
      await this.#parts.calls.reportFix({
        force,
        at: new Date(timestamp).toISOString(),
        lon: coords.longitude,
        lat: coords.latitude,
        accuracy_m: coords.accuracy,
        speed_mps: coords.speed,
        heading: coords.heading,
      });
      this.sentAt = Date.now();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }
}

export const [usePositionSharing, providePositionSharing] = createContext<PositionSharing>();
