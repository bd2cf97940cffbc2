/** Categories of the county with the names of their classes, found by what is typed. Pure. */

import type { County, Names } from "../../../wire/types";

export type CategoryChoice = { code: string; name: Names; className: Names | undefined };

/** Those whose name, class or code holds every word that is typed, in either language; names that begin with it first. */
export function findCategories(county: County | null, typed: string): CategoryChoice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const all = (county?.categories ?? []).map(({ code, name, class: of }) => ({
    code,
    name,
    className: county?.classes.find((one) => one.code === of)?.name,
  }));
  const found = all.filter((one) => words.every((word) => spelt(one).includes(word)));
  const begins = ({ name, code }: CategoryChoice) => [name.zh, name.en, code].some((text) => text.toLowerCase().startsWith(words[0] ?? ""));
  return words.length ? [...found.filter(begins), ...found.filter((one) => !begins(one))] : found;
}

function spelt({ code, name, className }: CategoryChoice): string {
  return [code, name.zh, name.en, className?.zh, className?.en].join(" ").toLowerCase();
}
