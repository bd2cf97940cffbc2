/** Accounts over HTTP, for administrators: never a password, and a token only in the answer that makes it. */

import { freshKey } from "./calls";
import type { Client } from "./client";
import type { components } from "./schema.gen";
import type { Page } from "./types";

type Schemas = components["schemas"];

export type Account = Schemas["AccountOut"];
export type NewAccount = Schemas["AccountIn"];
export type AccountEdit = Schemas["AccountEditIn"];
export type AccountToken = Schemas["AccountTokenOut"];
export type NewToken = Schemas["NewTokenOut"];

const at = (username: string) => `/api/users/${encodeURIComponent(username)}`;

export class AccountCalls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  all(words: string, role: string): Promise<Page<Account>> {
    const query = new URLSearchParams({ limit: "500", ...(words ? { words } : {}), ...(role ? { role } : {}) });
    return this.#client.call("GET", `/api/users?${query}`);
  }

  /** No key: what has a password or a token is not kept to be answered again. */
  add(account: NewAccount): Promise<Account> {
    return this.#client.call("POST", "/api/users", { body: account });
  }

  edit(username: string, edit: AccountEdit): Promise<Account> {
    return this.#client.call("PATCH", at(username), { body: edit, key: freshKey() });
  }

  /** Says who in the register an account is. */
  linkPerson(username: string, person: string | null, reason: string): Promise<Account> {
    return this.#client.call("PUT", `${at(username)}/person`, { body: { person, reason }, key: freshKey() });
  }

  act(username: string, what: "disable" | "enable" | "sign-out", reason: string): Promise<unknown> {
    return this.#client.call("POST", `${at(username)}/${what}`, { body: { reason }, key: freshKey() });
  }

  renewPassword(username: string, password: string, reason: string): Promise<undefined> {
    return this.#client.call("POST", `${at(username)}/password`, { body: { password, reason } });
  }

  async tokens(username: string): Promise<readonly AccountToken[]> {
    const found: Schemas["AccountTokensOut"] = await this.#client.call("GET", `${at(username)}/tokens`);
    return found.items;
  }

  makeToken(username: string, label: string, days: number, reason: string): Promise<NewToken> {
    return this.#client.call("POST", `${at(username)}/tokens`, { body: { label, days, reason } });
  }

  revoke(username: string, token: number, reason: string): Promise<undefined> {
    return this.#client.call("POST", `${at(username)}/tokens/${token}/revoke`, { body: { reason }, key: freshKey() });
  }
}
