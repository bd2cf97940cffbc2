import { describe, expect, it } from "vitest";
import type { Account, AccountCalls } from "../wire/accounts";
import { AccountsView, actsOn, madePassword } from "./accounts.svelte";

const account = (username: string, more: Partial<Account> = {}) => ({ username, role: "clerk", has_password: true, disabled_at: null, sessions: 0, ...more }) as Account;

describe("what can be done to an account", () => {
  it("depends on whether it is locked, and on whether it takes tokens", () => {
    expect(actsOn(account("a"))).toEqual(["edit", "person", "password", "sign-out", "disable"]);
    expect(actsOn(account("a", { has_password: false, role: "source" }))).toContain("token");
    expect(actsOn(account("a", { role: "patrol" }))).toContain("token");
    expect(actsOn(account("a", { disabled_at: "2026-01-01T00:00:00Z" }))).toEqual(["edit", "enable"]);
  });
});

describe("a made password", () => {
  it("has three classes and nothing that is taken for something else", () => {
    for (let seed = 0; seed < 256; seed++) {
      const made = madePassword(() => (seed * 37) % 256);
      expect(made).toMatch(/^[a-zA-Z2-9-]{16}$/);
      expect(made).not.toMatch(/[lO01Io]/);
      expect([/[a-z]/, /[A-Z]/, /[2-9]/].every((sort) => sort.test(made))).toBe(true);
    }
  });
});

describe("a new token", () => {
  it("is told until another account is looked at", async () => {
    const listed = [account("feed", { has_password: false }), account("other")];
    const calls = { all: async () => ({ items: listed, next: null }), tokens: async () => [], makeToken: async () => ({ token: "secret", expires_at: "" }) };
    const view = new AccountsView({ accounts: calls as unknown as AccountCalls });
    await view.start();
    expect(await view.makeToken("", 30, "why")).toBe(true);
    expect(view.secret).toBe("secret");
    await view.choose(listed[1] as Account);
    expect(view.secret).toBeNull();
  });
});
