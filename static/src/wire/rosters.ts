/** Rosters over HTTP: shifts, leave, swaps, and patterns laid. */

import type { Client } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Roster = Schemas["RosterOut"];
export type Shift = Schemas["ShiftRowOut"];
export type Leave = Schemas["LeaveOut"];
export type Gap = Schemas["GapOut"];
export type Who = Schemas["WhoOut"];
export type Attendance = Shift["attendance"];
export type NewShift = Schemas["ShiftIn"];
export type NewLeave = Schemas["LeaveIn"];
export type Swap = Schemas["SwapIn"];
export type Laying = Schemas["LayIn"];

export type RosterFeed = Schemas["RosterFeedOut"];
export type RosterLink = Schemas["RosterLinkOut"];
export type RosterImported = Schemas["RosterImportedOut"];
export const ROSTER_FORMATS = ["xlsx", "csv", "ics"] as const;
export type RosterFormat = (typeof ROSTER_FORMATS)[number];

export class RosterCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The shifts of some days; `next` is set where there are more than one answer holds. */
  read(from: string, to: string, division: string | null): Promise<Roster> {
    const query = { from, to, limit: "5000", ...(division ? { division } : {}) };
    return this.#client.call("GET", `/api/rosters?${new URLSearchParams(query)}`);
  }

  exportAddress(from: string, to: string, { format, division, lang }: { format: RosterFormat; division: string | null; lang: string }): string {
    return `/api/rosters/export?${new URLSearchParams({ from, to, format, lang, ...(division ? { division } : {}) })}`;
  }

  /** Imports the shifts of a file; with `dry` only tells what it would do. The same file again changes nothing. */
  importFile(file: File, dry: boolean): Promise<RosterImported> {
    return this.#client.sendFile(`/api/rosters/import?${new URLSearchParams({ dry: String(dry) })}`, file);
  }

  feed(): Promise<RosterFeed> {
    return this.#client.call("GET", "/api/rosters/feed");
  }

  /** Makes the link of the caller's calendar, and ends the one that there was. It is told this once. */
  makeFeed(lang: string): Promise<RosterLink> {
    return this.#client.call("POST", `/api/rosters/feed?${new URLSearchParams({ lang })}`);
  }

  endFeed(): Promise<void> {
    return this.#client.call("DELETE", "/api/rosters/feed");
  }

  async people(words: string): Promise<Who[]> {
    const found: Schemas["RosterPeopleOut"] = await this.#client.call("GET", `/api/rosters/people?${new URLSearchParams({ words, limit: "20" })}`);
    return found.items;
  }

  putShift(id: string, shift: NewShift, version?: number): Promise<Shift> {
    return this.#client.call("PUT", `/api/rosters/shifts/${id}`, { body: shift, ...(version === undefined ? {} : { ifMatch: version }) });
  }

  cancelShift({ id, version }: Pick<Shift, "id" | "version">): Promise<Shift> {
    return this.#client.call("DELETE", `/api/rosters/shifts/${id}`, { ifMatch: version });
  }

  swap({ id, version }: Pick<Shift, "id" | "version">, swap: Swap): Promise<Shift[]> {
    return this.#client.call("POST", `/api/rosters/shifts/${id}/swap`, { body: swap, ifMatch: version });
  }

  putLeave(id: string, leave: NewLeave): Promise<Leave> {
    return this.#client.call("PUT", `/api/rosters/leaves/${id}`, { body: leave });
  }

  cancelLeave({ id, version }: Pick<Leave, "id" | "version">): Promise<Leave> {
    return this.#client.call("DELETE", `/api/rosters/leaves/${id}`, { ifMatch: version });
  }

  lay(laying: Laying): Promise<Schemas["LaidOut"]> {
    return this.#client.call("POST", "/api/rosters/lay", { body: laying });
  }
}
