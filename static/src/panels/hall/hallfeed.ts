/** The hall's feed: refreshes the open incident when it changes, and subscribes to the hotspot view that is shown. */

import type { AppState } from "../../live/app.svelte";
import { Feed } from "../../live/feed.svelte";
import type { Desk } from "./desk.svelte";

export class HallFeed {
  readonly #app: AppState;
  readonly #stream: Feed;
  #watched = "";

  /** `onClosures`: roads were closed or opened. */
  constructor(app: AppState, desk: Desk, { onClosures }: { onClosures: () => void }) {
    this.#app = app;
    this.#stream = new Feed(app, {
      onApplied: (applied) => {
        if (applied.closure.size) onClosures();
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
    void this.#stream.start();
    return () => this.#stream.stop();
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
