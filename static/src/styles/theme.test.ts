import { describe, expect, it } from "vitest";
import { FakePreference } from "../testing/preference";
import { Theme } from "./theme.svelte";

function browser() {
  const stored = new Map<string, string>();
  const storage = { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => void stored.set(key, value) };
  return { stored, storage, prefersLight: new FakePreference() };
}

describe("the theme", () => {
  it("is the system's until one is chosen, and follows it while it changes", () => {
    const parts = browser();
    const theme = new Theme(parts);
    expect(theme.value).toBe("dark");
    parts.prefersLight.set(true);
    expect([theme.chosen, theme.value]).toEqual(["system", "light"]);
    theme.choose("dark");
    expect(theme.value).toBe("dark");
  });

  it("is remembered in this browser", () => {
    const parts = browser();
    new Theme(parts).choose("light");
    expect(new Theme(parts).value).toBe("light");
    parts.stored.set("maplebridge.theme", "purple");
    expect(new Theme(parts).chosen).toBe("system");
  });

  it("goes through all choices with one button", () => {
    const theme = new Theme(browser());
    const seen = [0, 1, 2, 3].map(() => (theme.next(), theme.chosen));
    expect(seen).toEqual(["dark", "light", "system", "dark"]);
  });
});
