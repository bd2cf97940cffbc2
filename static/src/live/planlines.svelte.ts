/** The lines of the plan that is open: every division by its code, and what changed last, for the map. */

import type { LineFeature, Lines } from "../wire/plans";

/** What the map has to draw anew: all, or the divisions that changed and the codes that are gone. */
export type LinesChange = { whole: true } | { whole: false; changed: readonly LineFeature[]; removed: readonly string[] };

export class PlanLines {
  /** Outside the reactive graph: `version` counts its changes. */
  #byCode: ReadonlyMap<string, LineFeature> = new Map();
  version = $state(0);
  change: LinesChange = { whole: true };

  load({ features }: Lines): void {
    this.#byCode = new Map(features.map((feature) => [feature.properties.code, feature]));
    this.change = { whole: true };
    this.version += 1;
  }

  patch(changed: readonly LineFeature[], removed: readonly string[]): void {
    const next = new Map(this.#byCode);
    for (const code of removed) next.delete(code);
    for (const feature of changed) next.set(feature.properties.code, feature);
    this.#byCode = next;
    this.change = { whole: false, changed, removed };
    this.version += 1;
  }

  clear(): void {
    this.load({ type: "FeatureCollection", features: [] });
  }

  get all(): ReadonlyMap<string, LineFeature> {
    void this.version;
    return this.#byCode;
  }

  get(code: string): LineFeature | undefined {
    return this.all.get(code);
  }

  /** The division and all above it, the division first. */
  above(code: string): LineFeature[] {
    const found: LineFeature[] = [];
    for (let at = this.get(code); at; at = at.properties.parent_code === null ? undefined : this.get(at.properties.parent_code)) found.push(at);
    return found;
  }

  /** The division of a level that another one lies in, or is. */
  ofLevel(code: string, level: string): LineFeature | undefined {
    return this.above(code).find(({ properties }) => properties.level === level);
  }

  /** The levels that the lines have, from the top down. */
  levels(order: readonly string[]): string[] {
    const there = new Set([...this.all.values()].map(({ properties }) => properties.level));
    return order.filter((level) => there.has(level));
  }

  /** The divisions with nothing below them. */
  readonly finest = $derived.by<ReadonlySet<string>>(() => {
    const parents = new Set([...this.all.values()].map(({ properties }) => properties.parent_code));
    return new Set([...this.all.keys()].filter((code) => !parents.has(code)));
  });
}
