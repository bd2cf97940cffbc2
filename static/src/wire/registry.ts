/** The register over HTTP: units, who sits where today, exposure, and the log of changes. */

import { freshKey } from "./calls";
import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Register = Schemas["RegisterOut"];
export type RegisterUnit = Schemas["UnitOut"];
export type UnitDetails = Schemas["UnitDetailsOut"];
export type Sitting = Schemas["SittingOut"];
export type Exposure = Schemas["ExposureOut"];
export type ExposureRow = Schemas["ExposureRowOut"];
export type ChangeEntry = Schemas["ChangeEntryOut"];
export type UnitEdit = Schemas["UnitEditIn"];
export type NewUnit = Schemas["UnitIn"];
export type NewPost = Schemas["StaffPostIn"];
export type StaffPerson = Schemas["StaffOut"];
export type NewPerson = Schemas["NewPersonIn"];

/** As many units as the screen lists at once. */
export const MOST_UNITS = 500;

export class RegistryCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  words(): Promise<Register> {
    return this.#client.call("GET", "/api/register");
  }

  /** The units of a division itself; with `words`, those of it and all below whose name or code has them. */
  units(division: string, words: string): Promise<Page<RegisterUnit>> {
    const query = new URLSearchParams({ division, limit: String(MOST_UNITS), ...(words ? { words } : { below: "false" }) });
    return this.#client.call("GET", `/api/units?${query}`);
  }

  unit(code: string): Promise<UnitDetails> {
    return this.#client.call("GET", `/api/units/${encodeURIComponent(code)}`);
  }

  async sitting(code: string): Promise<readonly Sitting[]> {
    const found: Schemas["SittingsOut"] = await this.#client.call("GET", `/api/units/${encodeURIComponent(code)}/sitting`);
    return found.items;
  }

  edit(code: string, edit: UnitEdit): Promise<RegisterUnit> {
    return this.#client.call("PATCH", `/api/units/${encodeURIComponent(code)}`, { body: edit, key: freshKey() });
  }

  add(unit: NewUnit): Promise<RegisterUnit> {
    return this.#client.call("POST", "/api/units", { body: unit, key: freshKey() });
  }

  close(code: string, reason: string): Promise<RegisterUnit> {
    return this.#client.call("POST", `/api/units/${encodeURIComponent(code)}/close`, { body: { reason }, key: freshKey() });
  }

  /** People whose name or code has these words, at most twenty. */
  async staff(words: string): Promise<readonly StaffPerson[]> {
    const found: Schemas["StaffListOut"] = await this.#client.call("GET", `/api/staff?${new URLSearchParams({ words })}`);
    return found.items;
  }

  givePost(post: NewPost): Promise<unknown> {
    return this.#client.call("POST", "/api/posts", { body: post, key: freshKey() });
  }

  endPost(id: number, reason: string): Promise<unknown> {
    return this.#client.call("POST", `/api/posts/${id}/end`, { body: { reason }, key: freshKey() });
  }

  exposure(division: string): Promise<Exposure> {
    return this.#client.call("GET", `/api/exposure?${new URLSearchParams({ division })}`);
  }

  changes(subject: string | null): Promise<Page<ChangeEntry>> {
    const query = new URLSearchParams({ limit: "50", ...(subject ? { subject } : {}) });
    return this.#client.call("GET", `/api/change-log?${query}`);
  }
}
