/** Keys of the record: a new incident, and edit, note and report of the open one. */

import type { IncidentRecord } from "./record.svelte";

/** Handles one key press outside text fields. Returns whether it was one of these keys. */
export function pressRecord(event: KeyboardEvent, record: Pick<IncidentRecord, "toggleNew" | "open" | "print">): boolean {
  if (event.repeat) return false;
  switch (event.key.toLowerCase()) {
    case "n":
      record.toggleNew();
      return true;
    case "e":
      record.open("edit");
      return true;
    case "b":
      record.open("note");
      return true;
    case "p":
      record.print();
      return true;
    default:
      return false;
  }
}
