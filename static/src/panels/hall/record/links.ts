/** Entries of the record that name another incident. Pure. */

import type { TimelineEntry } from "../../../wire/types";

const LINKING = new Set(["duplicate_linked", "duplicate_dismissed", "merged", "unmerged"]);

/** The other incident of an entry about duplicates, null for any other entry. */
export function otherOf({ kind, data }: TimelineEntry): number | null {
  if (!LINKING.has(kind)) return null;
  const named = [data.of, data.by, data.into, data.from].find((id) => typeof id === "number");
  return typeof named === "number" ? named : null;
}

/** The ids of dismissals after which the pair was not linked again. */
export function restorable(entries: readonly TimelineEntry[]): ReadonlySet<number> {
  const last = new Map<number, TimelineEntry>();
  for (const entry of [...entries].sort((a, b) => a.id - b.id)) {
    const other = otherOf(entry);
    if (other !== null && entry.kind.startsWith("duplicate_")) last.set(other, entry);
  }
  return new Set([...last.values()].filter(({ kind }) => kind === "duplicate_dismissed").map(({ id }) => id));
}
