/** Grids and places by code, name or part of it, as a person on the telephone says them. */

import type { Calls } from "../../../wire/calls";
import type { DivisionName, Found } from "../../../wire/types";
import type { Point } from "./draft.svelte";

export type PlaceChoice = { id: string; label: string; kind: "grid" | "division" | "place" | "camera"; detail: string; point: Point };

const MOST = 12;

/** Divisions whose code begins with what is typed, or whose names along the path hold each word; the smallest first. */
export function findDivisions(divisions: Iterable<DivisionName>, typed: string, above: (path: string) => string): PlaceChoice[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const found: (PlaceChoice & { depth: number; exact: boolean })[] = [];
  for (const one of divisions) {
    const spelt = `${above(one.path)} ${one.name}`.toLowerCase();
    const byCode = words.length === 1 && one.code.startsWith(words[0] as string);
    if (!byCode && !(one.name.toLowerCase().includes(words.at(-1) as string) && words.every((word) => spelt.includes(word)))) continue;
    const exact = one.code === words[0] || one.name.toLowerCase() === typed.trim().toLowerCase();
    found.push({
      id: `division-${one.code}`,
      label: one.name,
      kind: one.level === "grid" ? "grid" : "division",
      detail: above(one.path),
      point: [one.lon, one.lat],
      depth: one.path.split(".").length,
      exact,
    });
  }
  found.sort((a, b) => Number(b.exact) - Number(a.exact) || b.depth - a.depth);
  return found.slice(0, MOST);
}

/** Places and cameras that the server finds by name: divisions are known here already. */
export async function findPlaces(calls: Pick<Calls, "search">, typed: string, signal: AbortSignal): Promise<PlaceChoice[]> {
  const { items } = await calls.search(typed, signal);
  return items.flatMap((one: Found) => {
    if ((one.kind !== "place" && one.kind !== "camera") || one.lon === null || one.lat === null) return [];
    return [{ id: `${one.kind}-${one.id}`, label: one.label, kind: one.kind, detail: "", point: [one.lon, one.lat] as const }];
  });
}
