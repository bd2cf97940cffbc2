/** Names, ranks and kinds of the county's codes, from its pack. */

import type { County } from "../wire/types";
import { named } from "../i18n/index.svelte";
import type { Session } from "./session.svelte";

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

/** Names of the county's codes, in the language in use. A code without a name stands for itself. */
export class Names {
  readonly #session: Pick<Session, "county">;

  constructor(session: Pick<Session, "county">) {
    this.#session = session;
  }

  /** Of a category, or of a class of them. */
  category(code: string): string {
    const { categories, classes } = this.#session.county ?? {};
    return nameIn(code.includes(".") ? categories : [...(classes ?? []), ...(categories ?? [])], code);
  }

  forceKind(code: string): string {
    return nameIn(this.#session.county?.force_kinds, code);
  }

  language(code: string): string {
    return nameIn(this.#session.county?.languages, code);
  }

  /** A speciality: a category, or a class of them. */
  speciality(code: string): string {
    const { classes, categories } = this.#session.county ?? {};
    return nameIn([...(classes ?? []), ...(categories ?? [])], code);
  }

  recallReason(code: string): string {
    return nameIn(this.#session.county?.recall_reasons, code);
  }

  declineReason(code: string): string {
    return nameIn(this.#session.county?.decline_reasons, code);
  }

  outcome(code: string): string {
    return nameIn(this.#session.county?.outcomes, code);
  }

  risk(code: string): string {
    return nameIn(this.#session.county?.risks, code);
  }

  source(code: string): string {
    return nameIn(this.#session.county?.sources, code);
  }
}
