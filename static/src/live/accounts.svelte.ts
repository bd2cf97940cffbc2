/** Accounts as administrators see them: the list, the chosen one with its tokens, and what is done to it. */

import { ApiError } from "../wire/client";
import type { Account, AccountCalls, AccountEdit, AccountToken, NewAccount } from "../wire/accounts";
import { Fetched } from "./fetched.svelte";

/** What can be done to the chosen account. Each asks for a reason. */
export const ACTS = ["edit", "person", "password", "sign-out", "token", "disable", "enable"] as const;
export type Act = (typeof ACTS)[number];

export const ROLES = ["operator", "clerk", "handler", "interviewer", "supervisor", "leader", "planner", "patrol", "admin", "auditor", "wall", "source", "gateway"];
/** Roles of programs, which have tokens and no password. */
export const PROGRAMS = ["source", "gateway"];

const LETTERS = ["abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789"] as const;
const LENGTH = 14;

/** A password that is easy to type and read: of letters and digits that are not taken for others. `random` gives a byte. */
export function madePassword(random: () => number): string {
  const all = LETTERS.join("");
  const pick = (from: string) => from[Math.floor((random() / 256) * from.length)] as string;
  const letters = Array.from({ length: LENGTH - LETTERS.length }, () => pick(all));
  return [...LETTERS.map(pick), ...letters].join("").replace(/(.{5})(?=.)/g, "$1-");
}

/** What makes sense for an account; the server decides. */
export function actsOn(account: Pick<Account, "disabled_at" | "has_password" | "role" | "sessions">): Act[] {
  if (account.disabled_at) return ["edit", "enable"];
  const isProgram = PROGRAMS.includes(account.role);
  const takesTokens = !account.has_password || account.role === "patrol" || isProgram;
  return ACTS.filter((act) => act !== "enable" && (act !== "token" || takesTokens) && (act !== "person" || !isProgram));
}

type Parts = { accounts: Pick<AccountCalls, "all" | "add" | "edit" | "linkPerson" | "act" | "renewPassword" | "tokens" | "makeToken" | "revoke"> };

export class AccountsView {
  readonly #calls: Parts["accounts"];
  words = $state("");
  role = $state("");
  readonly all: Fetched<readonly Account[]>;
  more = $state(false);
  chosen = $state.raw<Account | null>(null);
  tokens = $state.raw<readonly AccountToken[] | null>(null);
  /** A new token, until something else is looked at: it is told once. */
  secret = $state<string | null>(null);
  refused = $state.raw<ApiError | null>(null);
  /** Grows with each change made here. */
  changes = $state(0);

  constructor({ accounts }: Parts) {
    this.#calls = accounts;
    this.all = new Fetched(() => this.#list());
  }

  async #list(): Promise<readonly Account[]> {
    const page = await this.#calls.all(this.words.trim(), this.role);
    this.more = page.next !== null;
    return page.items;
  }

  async start(): Promise<void> {
    await this.all.refresh();
    const first = this.all.value?.[0];
    if (first && !this.chosen) await this.choose(first);
  }

  stop(): void {
    this.all.stop();
    this.secret = null;
  }

  find(words: string, role: string): Promise<void> {
    [this.words, this.role] = [words, role];
    return this.all.ask(() => this.#list());
  }

  async choose(account: Account): Promise<void> {
    [this.chosen, this.tokens, this.secret, this.refused] = [account, null, null, null];
    await this.#try(async () => {
      const tokens = await this.#calls.tokens(account.username);
      if (this.chosen?.username === account.username) this.tokens = tokens;
    });
  }

  add(account: NewAccount): Promise<boolean> {
    return this.#change(() => this.#calls.add(account), account.username.trim().toLowerCase());
  }

  edit(edit: AccountEdit): Promise<boolean> {
    return this.#onChosen((username) => this.#calls.edit(username, edit));
  }

  linkPerson(person: string | null, reason: string): Promise<boolean> {
    return this.#onChosen((username) => this.#calls.linkPerson(username, person, reason));
  }

  act(what: "disable" | "enable" | "sign-out", reason: string): Promise<boolean> {
    return this.#onChosen((username) => this.#calls.act(username, what, reason));
  }

  renewPassword(password: string, reason: string): Promise<boolean> {
    return this.#onChosen((username) => this.#calls.renewPassword(username, password, reason));
  }

  async makeToken(label: string, days: number, reason: string): Promise<boolean> {
    let secret = "";
    const done = await this.#onChosen(async (username) => {
      secret = (await this.#calls.makeToken(username, label, days, reason)).token;
    });
    if (done) this.secret = secret;
    return done;
  }

  revoke(token: number, reason: string): Promise<boolean> {
    return this.#onChosen((username) => this.#calls.revoke(username, token, reason));
  }

  #onChosen(make: (username: string) => Promise<unknown>): Promise<boolean> {
    const username = this.chosen?.username;
    return username === undefined ? Promise.resolve(false) : this.#change(() => make(username), username);
  }

  async #change(make: () => Promise<unknown>, username: string): Promise<boolean> {
    this.refused = null;
    if (!(await this.#try(async () => void (await make())))) return false;
    this.changes++;
    await this.all.refresh();
    const account = this.all.value?.find((one) => one.username === username);
    if (account) await this.choose(account);
    return true;
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.refused = problem;
      return false;
    }
  }
}
