/** Entries of the record that name another incident. Pure. */

import type { TimelineEntry } from "../../../wire/types";

const LINKING = new Set(["duplicate_linked", "duplicate_dismissed", "merged", "unmerged"]);

/** The other incident of an entry about duplicates, null for any other entry. */
export function otherOf({ kind, data }: TimelineEntry): number | null {
  if (!LINKING.has(kind)) return null;
  const named = [data.of, data.by, data.into, data.from].find((id) => typeof id === "number");
  return typeof named === "number" ? named : null;
}

/** Kinds that the server writes by itself, or that tie two incidents: nobody decided anything about the case by them. */
const OF_ITSELF = /^(merged|unmerged|duplicate_|carried_over|clock\.|first_response\.|notice\.)/;

/** What was recorded on a main incident since another one was merged into it, the earliest first. */
export function writtenSince(entries: readonly TimelineEntry[], twin: number): TimelineEntry[] {
  const sorted = [...entries].sort((a, b) => a.id - b.id);
  const merged = sorted.findLastIndex(({ kind, data }) => kind === "merged" && data.from === twin);
  return merged < 0 ? [] : sorted.slice(merged + 1).filter(({ kind }) => !OF_ITSELF.test(kind));
}

/** The entry of the former main incident that an entry repeats, null for any other entry. */
export function carriedBy(entry: TimelineEntry): TimelineEntry | null {
  const { kind, at, data } = entry.data as { kind?: unknown; at?: unknown; data?: unknown };
  if (entry.kind !== "carried_over" || typeof kind !== "string" || typeof at !== "string") return null;
  return { ...entry, kind, at, data: (data ?? {}) as TimelineEntry["data"] };
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
