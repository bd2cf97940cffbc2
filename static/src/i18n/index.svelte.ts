/** The language of the screens, switched in place. No library: two typed tables. */

import { TABLES, type Locale } from "./tables";
import type { Key } from "./zh";

export type { Locale };
type Params = Record<string, string | number>;

const STORED = "maplebridge.locale";

function firstLocale(): Locale {
  const stored = localStorage.getItem(STORED);
  if (stored === "zh" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh";
}

class Language {
  locale = $state<Locale>("zh");

  /** Restores the language chosen before in this browser, else takes the browser's own. */
  restore(): void {
    this.locale = firstLocale();
  }

  get tag(): string {
    return this.locale === "zh" ? "zh-CN" : "en";
  }

  use(locale: Locale): void {
    this.locale = locale;
    localStorage.setItem(STORED, locale);
  }

  toggle(): void {
    this.use(this.locale === "zh" ? "en" : "zh");
  }
}

export const language = new Language();

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The words for a key, in the language in use. */
export function t(key: Key, params: Params = {}): string {
  return fill(TABLES[language.locale][key] ?? key, params);
}

/** The words for a key in each language; `of` is the key of their `{name}`. */
export function inBothLanguages(key: Key, of?: Key, params: Params = {}): string[] {
  return Object.values(TABLES).map((table) => fill(table[key] ?? key, of ? { name: table[of] ?? of, ...params } : params));
}

function known(key: string): key is Key {
  return key in TABLES.zh;
}

/** The words for a server code (`group.code`); the code itself where there are none. */
export function tCode(group: string, code: string, params: Params = {}): string {
  const key = `${group}.${code}`;
  return known(key) ? t(key, params) : code;
}

/** The words for an error code. */
export function tError(code: string): string {
  const key = `error.${code}`;
  return known(key) ? t(key) : t("error.other", { code });
}

/** A bilingual name from the data, in the language in use. */
export function named(names: { zh: string; en: string } | null | undefined): string {
  return names ? names[language.locale] || names.zh || names.en : "";
}
