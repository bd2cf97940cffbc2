/** Words of a candidate: when it arrives, its place in the ranking, and each reason. */

import { accuracy, age, decimal, distance } from "../../../i18n/format";
import { t, tCode } from "../../../i18n/index.svelte";
import type { Names } from "../../../live/names";
import type { Candidate } from "../../../wire/types";

type Reason = Candidate["reasons"][number];
export type ReasonNames = Pick<Names, "category" | "forceKind" | "language">;

/** "Arrives in 4 min". */
export function arrival(candidate: Pick<Candidate, "eta_minutes">): string {
  return t("candidates.eta", { n: Math.max(1, Math.round(candidate.eta_minutes)) });
}

/** How far a candidate ranks behind the first: a difference, which is never below zero, or that it ties with it. */
export function standing(candidate: Pick<Candidate, "cost_minutes" | "stale">, first: Pick<Candidate, "cost_minutes" | "stale">): string {
  const behind = candidate.cost_minutes - first.cost_minutes;
  if (candidate.stale && !first.stale) return t("candidates.stale");
  if (candidate === first || behind <= -0.05) return t("candidates.best");
  return behind < 0.05 ? t("candidates.tied") : t("candidates.behind", { n: decimal(behind) });
}

/** A reason with what it is about: "Speaks Wu". */
export function reasonWords({ code, params }: Reason, names: ReasonNames): string {
  const about: Record<string, string | number> = {};
  const { category, kind, language, mode, distance_m, route_m, off_road_m, closed_m, tasks, age_s, hidden_s, accuracy_m } = params as Record<string, string | number>;
  if (category !== undefined) about.category = names.category(String(category));
  if (kind !== undefined) about.kind = names.forceKind(String(kind));
  if (language !== undefined) about.language = names.language(String(language));
  if (mode !== undefined) about.mode = tCode("mode", String(mode));
  const metres = route_m ?? off_road_m ?? closed_m ?? distance_m;
  if (metres !== undefined) about.distance = distance(Number(metres));
  if (tasks !== undefined) about.n = tasks;
  if (age_s !== undefined) about.age = age(Number(age_s) * 1000);
  if (hidden_s !== undefined) about.age = age(Number(hidden_s) * 1000);
  if (accuracy_m !== undefined) about.accuracy = accuracy(Number(accuracy_m));
  return tCode("reason", code === "travel" ? travelCode(params ?? {}) : code === "stale" && hidden_s !== undefined ? "hidden" : code, about);
}

/** Travel by road, by an estimate, or by one that stands in for roads that did not answer. */
function travelCode({ route_m, doubt }: NonNullable<Reason["params"]>): string {
  if (route_m !== undefined) return "travel_road";
  return doubt === undefined ? "travel" : `travel_doubt_${String(doubt)}`;
}
