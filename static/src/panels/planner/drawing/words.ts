/** Words for what was drawn, and for what was refused. */

import { count, decimal } from "../../../i18n/format";
import { language, t } from "../../../i18n/index.svelte";
import type { Refusal } from "../../../live/plandesk.svelte";
import { isPlace, lengthOf, placeOfMove } from "./operations";

/** Kinds of a grid of its own kind. */
export const KINDS = ["market", "park", "school", "hospital", "offices", "site", "other"] as const;
export type Kind = (typeof KINDS)[number];

type NameOf = (code: string) => string;

/** Up to three names, and how many more there are. */
function listed(codes: readonly string[], nameOf: NameOf): string {
  const names = codes.slice(0, 3).map(nameOf).join(language.locale === "zh" ? "、" : ", ");
  return codes.length > 3 ? t("planner.and.more", { names, n: count(codes.length - 3) }) : names;
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : typeof value === "string" ? [value] : []);

/** What an operation did, as the list says it. `beside` names the divisions beside a place on the lines. */
export function operationWords(operation: Readonly<Record<string, unknown>>, nameOf: NameOf, beside: (place: [number, number]) => readonly string[]): string {
  const codes = strings(operation.codes);
  const name = strings(operation.code).map(nameOf).join("");
  switch (operation.op) {
    case "reassign":
      return t("planner.did.reassign", { what: listed(codes, nameOf), to: strings(operation.to).map(nameOf).join("") });
    case "merge":
      return t("planner.did.merge", { name: nameOf(codes[0] ?? ""), what: listed(codes.slice(1), nameOf), code: codes[0] ?? "" });
    case "split":
    case "split_along":
      return t(`planner.did.${operation.op}`, { name, part: t(isPlace(operation.keep) ? "planner.did.keeps.marked" : "planner.did.keeps.largest"), code: strings(operation.code).join("") });
    case "move":
      return moveWords(operation, nameOf, beside);
    case "straighten":
      return t("planner.did.straighten", { between: isPlace(operation.edge) ? listed(beside(operation.edge), nameOf) : "" });
    case "snap":
      return t("planner.did.snap", { what: listed(codes, nameOf) });
    case "create":
      return t("planner.did.create", { name: strings(operation.name)[0] ?? kindWords(strings(operation.kind)[0] ?? ""), within: strings(operation.within).map(nameOf).join("") });
    case "rename":
      return t("planner.did.rename", { name: strings(operation.name).join("") });
    case "designate": {
      const kind = strings(operation.kind)[0];
      return kind ? t("planner.did.designate", { name, kind: kindWords(kind) }) : t("planner.did.undesignate", { name });
    }
    case "lock":
    case "unlock":
      return t(`planner.did.${operation.op}`, { what: listed(codes, nameOf) });
    case "batch":
      return t("planner.did.batch", { n: count(Array.isArray(operation.operations) ? operation.operations.length : 0) });
    default:
      return t("planner.did.other");
  }
}

function moveWords(operation: Readonly<Record<string, unknown>>, nameOf: NameOf, beside: (place: [number, number]) => readonly string[]): string {
  const metres = lengthOf(operation);
  const place = placeOfMove(operation);
  const between = listed(place ? beside(place) : [], nameOf);
  if (metres === null) return t("planner.did.edge", { between });
  return t(between ? "planner.did.move" : "planner.did.move.somewhere", { metres: t("distance.m", { n: metres < 10 ? decimal(metres) : count(Math.round(metres)) }), between });
}

export function kindWords(kind: string): string {
  return (KINDS as readonly string[]).includes(kind) ? t(`planner.kind.${kind as Kind}`) : kind;
}

/** Which divisions a refusal is about. */
export function refusalWords({ params }: Pick<Refusal, "params">, nameOf: NameOf): string {
  return listed(strings(params.locked).length ? strings(params.locked) : strings(params.codes), nameOf);
}
