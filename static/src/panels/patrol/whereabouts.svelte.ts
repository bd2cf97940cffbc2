/** Telling the command room where this phone is: only while the carrier says so, and it says that it does. */

import * as calls from "../../wire/calls";
import { ApiError } from "../../wire/client";

const AT_MOST_EVERY_MS = 5_000;

export type Sharing = "off" | "asking" | "on" | "denied" | "unsupported";

class Whereabouts {
  sharing = $state<Sharing>("geolocation" in navigator ? "off" : "unsupported");
  /** Epoch milliseconds of the last fix that the server has. */
  sentAt = $state<number | null>(null);
  #watch: number | null = null;
  #triedAt = 0;

  start(force: number): void {
    if (this.#watch !== null || this.sharing === "unsupported") return;
    this.sharing = "asking";
    this.#watch = navigator.geolocation.watchPosition(
      (position) => void this.#report(force, position),
      (problem) => this.#failed(problem),
      { enableHighAccuracy: true, maximumAge: 2_000 },
    );
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
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
    if (Date.now() - this.#triedAt < AT_MOST_EVERY_MS) return;
    this.#triedAt = Date.now();
    try {
      await calls.reportFix({
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

export const whereabouts = new Whereabouts();
