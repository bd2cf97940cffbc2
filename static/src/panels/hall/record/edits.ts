/** Edits of an incident: which fields differ from what was read, and what a colleague changed meanwhile. Pure. */

import type { Edits, Incident, TimelineEntry } from "../../../wire/types";
import { pointOf } from "../../../live/placed";
import type { Point } from "./draft.svelte";

export const EDITED = ["category", "risk", "title", "description", "address", "language"] as const;
export type EditedField = (typeof EDITED)[number];
export type Written = Record<EditedField, string> & { point: Point | null };

export function writtenOf(incident: Incident): Written {
  const { category, risk, title, description, address } = incident;
  return { category, risk, title, description, address, language: incident.language ?? "", point: pointOf(incident) };
}

const samePoint = (one: Point | null, other: Point | null) => one?.[0] === other?.[0] && one?.[1] === other?.[1];

/** What is written now and was not read: only this is sent, so that a colleague's other fields stay as they are. */
export function editsOf(read: Written, written: Written): Edits {
  const texts = EDITED.filter((field) => written[field].trim() !== read[field]).map((field) => [field, written[field].trim()]);
  const place = written.point && !samePoint(read.point, written.point) ? { lon: written.point[0], lat: written.point[1] } : {};
  return { ...Object.fromEntries(texts), ...place } as Edits;
}

export function isUnchanged(edits: Edits): boolean {
  return Object.keys(edits).length === 0;
}

/** What is written, on top of what a colleague has saved meanwhile: fields that were left alone take the new values. */
export function rebased(read: Written, written: Written, fresh: Written): Written {
  const texts = EDITED.map((field) => [field, written[field] === read[field] ? fresh[field] : written[field]] as const);
  return { ...(Object.fromEntries(texts) as Record<EditedField, string>), point: samePoint(read.point, written.point) ? fresh.point : written.point };
}

/** The latest entry of a change after the moment at which the form was opened, by somebody whose name is known. */
export function changedBy(entries: readonly TimelineEntry[], after: number): TimelineEntry | null {
  const later = entries.filter((entry) => entry.id > after && entry.actor);
  return later.at(-1) ?? null;
}
