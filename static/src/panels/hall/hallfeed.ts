/** The hall's feed: refreshes the open incident when it changes, and subscribes to the hotspot view that is shown. */

import type { AppState } from "../../live/app.svelte";
import { Feed } from "../../live/feed.svelte";
import type { Desk } from "./desk.svelte";

const REVIEWS_MS = 60_000;
const REVIEW_SOON_MS = 3_000;

export class HallFeed {
  readonly #app: AppState;
  readonly #stream: Feed;
  #watched = "";
  #reviewing: ReturnType<typeof setTimeout> | undefined;

  /** `onClosures`: roads were closed or opened. */
  constructor(app: AppState, desk: Desk, { onClosures }: { onClosures: () => void }) {
    this.#app = app;
    this.#stream = new Feed(app, {
      onApplied: (applied) => {
        if (applied.closure.size) {
          onClosures();
          if (desk.sheet === "several") void desk.several.renew();
        }
        if (applied.incident.size) this.#reviewSoon();
        if (desk.opened === null) return;
        if (applied.closure.size) void desk.proposals.refresh({ reorder: true });
        if (applied.incident.has(desk.opened)) void desk.refresh();
        else if (applied.alarm.size) void desk.shown.refreshTimeline();
      },
      onLoaded: () => void desk.refresh(),
    });
  }

  /** Returns what stops it. */
  start(): () => void {
    const { reviews } = this.#app;
    void this.#stream.start();
    void reviews.refresh();
    // What a phone was refused need not change its incident.
    const timer = setInterval(() => void reviews.refresh(), REVIEWS_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(this.#reviewing);
      this.#stream.stop();
    };
  }

  /** Asks what waits for review after an incident has changed, not more often than every few seconds. */
  #reviewSoon(): void {
    this.#reviewing ??= setTimeout(() => {
      this.#reviewing = undefined;
      void this.#app.reviews.refresh();
    }, REVIEW_SOON_MS);
  }

  /** The snapshot carries the county's default hotspot view; subscribe only to another one. */
  watchHotspots(): void {
    const { res, window, category } = this.#app.hotspotView;
    const view = { t: "watch" as const, res, window, category };
    const key = JSON.stringify(view);
    if (this.#watched !== key) this.#stream.watch(view);
    this.#watched = key;
  }
}
