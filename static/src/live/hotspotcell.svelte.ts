/** The hexagon that was chosen on the map, and the incidents behind it. */

import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { HotCell, Incident } from "../wire/types";
import type { HotspotView } from "./hotspotview.svelte";
import type { PastDay } from "./pastday.svelte";
import type { Scenes } from "./scenes.svelte";

export type HotspotCellParts = {
  calls: Pick<Calls, "cellIncidents">;
  hotspotView: Pick<HotspotView, "window" | "category">;
  pastDay: Pick<PastDay, "day" | "chosen" | "hotspots">;
  scenes: Pick<Scenes, "moment">;
};

export class HotspotCell {
  readonly #parts: HotspotCellParts;
  cell = $state.raw<HotCell | null>(null);
  incidents = $state.raw<readonly Incident[]>([]);
  /** Cursor of the incidents that are not listed yet; null where all are. */
  next = $state<string | null>(null);
  loading = $state(false);
  failed = $state(false);
  #request: AbortController | null = null;

  constructor(parts: HotspotCellParts) {
    this.#parts = parts;
  }

  open(cell: HotCell): void {
    this.cell = cell;
    this.incidents = [];
    this.next = null;
    void this.#fetch(null);
  }

  close(): void {
    this.#request?.abort();
    this.cell = null;
  }

  more(): void {
    if (this.next !== null) void this.#fetch(this.next);
  }

  /** The moment at which the window on the screen ends, null for now. */
  get #at(): string | null {
    const { pastDay, scenes } = this.#parts;
    if (scenes.moment !== null) return new Date(scenes.moment).toISOString();
    return pastDay.chosen ? pastDay.day : null;
  }

  /** The view of the hexagons on the screen: a replay has the county's default one. */
  get #view(): { window: string; category: string | null } {
    return this.#parts.pastDay.hotspots ?? this.#parts.hotspotView;
  }

  async #fetch(cursor: string | null): Promise<void> {
    const cell = this.cell;
    if (!cell) return;
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    this.loading = true;
    this.failed = false;
    try {
      const { window, category } = this.#view;
      const query = { window, category, at: this.#at, cursor };
      const page = await this.#parts.calls.cellIncidents(cell.cell, query, request.signal);
      if (request.signal.aborted) return;
      this.incidents = [...this.incidents, ...page.items];
      this.next = page.next ?? null;
    } catch (problem) {
      if (!(problem instanceof ApiError) && !request.signal.aborted) throw problem;
      if (!request.signal.aborted) this.failed = true;
    } finally {
      if (request === this.#request) this.loading = false;
    }
  }
}
