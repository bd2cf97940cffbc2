/** What codes mean in this county: its own names, ranks and kinds, out of its pack. */

import type { County } from "../wire/types";
import { named } from "../i18n/index.svelte";
import { session } from "./session.svelte";

/** Risk → its place, the gravest highest. */
export function riskRank(county: County | null): ReadonlyMap<string, number> {
  return new Map(county?.risks.map((risk, place) => [risk.code, place]));
}

export function topRisk(county: County | null): string {
  return county?.risks.at(-1)?.code ?? "";
}

/** Kind of force → its place in the pack, which gives it its shape. */
export function kindPlaces(county: County | null): ReadonlyMap<string, number> {
  return new Map(county?.force_kinds.map((kind, place) => [kind.code, place]));
}

type Coded = { code: string; name: { zh: string; en: string } };

function nameIn(list: readonly Coded[] | undefined, code: string): string {
  return named(list?.find((one) => one.code === code)?.name) || code;
}

export const categoryName = (code: string) => nameIn(session.county?.categories, code);
export const kindName = (code: string) => nameIn(session.county?.force_kinds, code);
export const riskName = (code: string) => nameIn(session.county?.risks, code);
export const levelName = (code: string) => nameIn(session.county?.levels, code);
export const sourceName = (code: string) => nameIn(session.county?.sources, code);
