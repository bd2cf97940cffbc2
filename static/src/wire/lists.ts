/** Lists over HTTP: the follow-up of ended cases, monthly lists, checklists, and who is on duty. */

import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type FollowUpItem = Schemas["FollowUpItemOut"];
export type FollowUpFigures = Schemas["FollowUpFiguresOut"];
export type FollowUpList = "due" | "coming" | "dissatisfied" | "mended" | "asked" | "unreached" | "refused" | "not_drawn";

export type MonthlyList = Schemas["MonthlyListOut"];
export type ListEntry = Schemas["ListEntryOut"];
export type ListPage = Schemas["ListPageOut"];
export type CentreCounts = Schemas["CentreCountsOut"];
export type CheckedCentre = Schemas["CheckedCentreOut"];
export type DutyUnit = Schemas["UnitOut"];
export type DutyDetails = Schemas["UnitDetailsOut"];
export type Stays = Schemas["StaysOut"];
export type RegisterWords = Schemas["RegisterOut"];
export type EntryStanding = "new" | "waiting" | "late" | "answered";

/** Names as the register sends them. */
export const namesOf = (names: Record<string, string> | undefined) => ({ zh: names?.["zh"] ?? "", en: names?.["en"] ?? "" });

export class ListCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  followUps(list: FollowUpList, limit: number): Promise<Page<FollowUpItem>> {
    return this.#client.call("GET", `/api/follow-ups?${new URLSearchParams({ list, limit: String(limit) })}`);
  }

  followUpFigures(): Promise<FollowUpFigures> {
    return this.#client.call("GET", "/api/follow-ups/figures");
  }

  /** How long people of upper centres have been at lower ones. */
  down({ first, last }: { first: string; last: string }): Promise<Stays> {
    return this.#client.call("GET", `/api/rosters/down?${new URLSearchParams({ from: first, to: last })}`);
  }

  async monthly(): Promise<MonthlyList[]> {
    const found: Schemas["MonthlyListsOut"] = await this.#client.call("GET", "/api/lists");
    return found.items;
  }

  entries(code: string, month: string, standing: EntryStanding | null, limit: number): Promise<ListPage> {
    const query = { month, limit: String(limit), ...(standing ? { standing } : {}) };
    return this.#client.call("GET", `/api/lists/${code}?${new URLSearchParams(query)}`);
  }

  /** Takes in the month's incidents by the list's rules. */
  gather(code: string, month: string): Promise<{ added: number }> {
    return this.#client.call("POST", `/api/lists/${code}/gather`, { body: { month } });
  }

  addEntry(code: string, entry: { month: string; title: string; note: string }, key: string): Promise<ListEntry> {
    return this.#client.call("POST", `/api/lists/${code}`, { body: entry, key });
  }

  handOver(entry: Pick<ListEntry, "id" | "version">, unit: string, request: string): Promise<ListEntry> {
    return this.#client.call("POST", `/api/list-entries/${entry.id}/hand-over`, { body: { unit, request }, ifMatch: entry.version });
  }

  answerEntry(entry: Pick<ListEntry, "id" | "version">, answer: string): Promise<ListEntry> {
    return this.#client.call("POST", `/api/list-entries/${entry.id}/answer`, { body: { answer }, ifMatch: entry.version });
  }

  /** The centres of the own division with checklists. Follows the pages to the last. */
  centres(): Promise<CentreCounts[]> {
    return this.#every<CentreCounts>("/api/checklists", {});
  }

  centre(unit: string): Promise<CheckedCentre> {
    return this.#client.call("GET", `/api/checklists/${encodeURIComponent(unit)}`);
  }

  mark(unit: string, mark: { checklist: string; item: string; met: boolean; note: string }): Promise<CheckedCentre> {
    return this.#client.call("POST", `/api/checklists/${encodeURIComponent(unit)}/marks`, { body: mark });
  }

  /** The units of a division and all below. Follows the pages to the last. */
  dutyUnits(division: string): Promise<DutyUnit[]> {
    return this.#every<DutyUnit>("/api/units", { division });
  }

  dutyOf(unit: string): Promise<DutyDetails> {
    return this.#client.call("GET", `/api/units/${encodeURIComponent(unit)}`);
  }

  registerWords(): Promise<RegisterWords> {
    return this.#client.call("GET", "/api/register");
  }

  async #every<Item>(path: string, query: Record<string, string>): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const asked: Record<string, string> = { ...query, limit: "1000", ...(cursor ? { cursor } : {}) };
      const page: Page<Item> = await this.#client.call("GET", `${path}?${new URLSearchParams(asked)}`);
      items.push(...page.items);
      cursor = page.next ?? null;
    } while (cursor);
    return items;
  }
}
