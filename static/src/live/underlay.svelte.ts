/** What the county's own lines stand on: the raster map, the basemap, or nothing. Chosen here, and kept in this browser. */

import type { Platform } from "../wire/platform";
import type { Session } from "./session.svelte";

export const UNDERLAYS = ["raster", "vector", "none"] as const;
export type UnderlayName = (typeof UNDERLAYS)[number];

const STORED = "maplebridge.underlay";

export type UnderlayParts = { platform: { storage: Pick<Platform["storage"], "getItem" | "setItem"> }; session: Pick<Session, "county"> };

export class Underlay {
  readonly #parts: UnderlayParts;
  #chosen = $state<string | null>(null);

  constructor(parts: UnderlayParts) {
    this.#parts = parts;
    this.#chosen = parts.platform.storage.getItem(STORED);
  }

  /** What this county has; the first is shown unless another is chosen. */
  get offered(): readonly UnderlayName[] {
    const { county } = this.#parts.session;
    return UNDERLAYS.filter((name) => name === "none" || (name === "raster" ? county?.raster : county?.basemap));
  }

  get value(): UnderlayName {
    const { offered } = this;
    return offered.find((name) => name === this.#chosen) ?? offered[0] ?? "none";
  }

  choose(name: UnderlayName): void {
    this.#chosen = name;
    this.#parts.platform.storage.setItem(STORED, name);
  }
}
