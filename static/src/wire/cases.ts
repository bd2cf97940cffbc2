/** Cases over HTTP: the place's flow, the case of an incident with its moves, and lists. */

import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Flow = Schemas["FlowOut"];
export type FormField = Schemas["FieldOut"];
export type CaseFile = Schemas["CaseOut"];
export type CaseItem = Schemas["CaseItemOut"];
export type CaseClock = Schemas["ClockOut"];
export type PossibleMove = Schemas["PossibleMoveOut"];
export type BarredMove = Schemas["BarredMoveOut"];
export type StaffPost = Schemas["StaffPostOut"];
export type Register = Schemas["RegisterOut"];

/** A unit of the register, as far as forms show it. */
export type Unit = { code: string; name: string; name_en: string; level: string; kind: string; centre: boolean; accepts: boolean; specialities: string[] };

/** What is filled in: by the codes of the fields. */
export type Filled = Record<string, string | number | boolean | string[]>;
export type CasesQuery = { mine?: boolean; unit?: string; stage?: string; late?: boolean; ended?: boolean; limit?: number; cursor?: string | null };

export class CaseCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The place's flow, or an older version of it. */
  flow(version?: string): Promise<Flow> {
    return this.#client.call("GET", version ? `/api/flow?version=${encodeURIComponent(version)}` : "/api/flow");
  }

  case(incident: number, signal?: AbortSignal): Promise<CaseFile> {
    return this.#client.call("GET", `/api/incidents/${incident}/case`, signal ? { signal } : {});
  }

  /** Makes a move of the version that was read. Under one key it is made once. */
  move(file: Pick<CaseFile, "id" | "version">, move: string, form: Filled, key: string): Promise<CaseFile> {
    return this.#client.call("POST", `/api/incidents/${file.id}/moves`, { body: { ...form, move }, ifMatch: file.version, key });
  }

  /** The units of a level in a division. Follows the pages to the last. */
  async units(division: string, level: string): Promise<Unit[]> {
    const items: Unit[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { division, level, limit: "1000", ...(cursor ? { cursor } : {}) };
      const page: Page<Unit> = await this.#client.call("GET", `/api/units?${new URLSearchParams(query)}`);
      items.push(...page.items);
      cursor = page.next ?? null;
    } while (cursor);
    return items;
  }

  /** The units of at most 100 codes, as far as one may see them. */
  async unitsOf(codes: readonly string[]): Promise<Unit[]> {
    const page: Page<Unit> = await this.#client.call("GET", `/api/units?${new URLSearchParams({ codes: codes.join(",") })}`);
    return page.items;
  }

  /** Who holds the posts of a unit today. */
  posts(unit: string): Promise<{ items: StaffPost[] }> {
    return this.#client.call("GET", `/api/posts?${new URLSearchParams({ unit })}`);
  }

  /** Whether the account has cases by a post alone, and holds none today. */
  async postMissing(): Promise<boolean> {
    const own: Schemas["StaffPostsOut"] = await this.#client.call("GET", "/api/posts");
    return own.missing ?? false;
  }

  /** The place's words for units and titles. */
  register(): Promise<Register> {
    return this.#client.call("GET", "/api/register");
  }

  cases(query: CasesQuery): Promise<Page<CaseItem>> {
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    return this.#client.call("GET", `/api/cases?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`);
  }
}
