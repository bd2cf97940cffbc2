/** Figures of indicators in words: a share with its number, hours, and what changed. */

import { count, decimal } from "../../i18n/format";
import { language, t } from "../../i18n/index.svelte";
import { isBetter } from "../../live/indicators.svelte";
import type { IndicatorFigure, IndicatorRow } from "../../wire/indicators";

type Kind = IndicatorRow["kind"];

/** A share to a tenth of a percent; never 100 % or 0 % of what is not all or nothing. */
export function share(value: number): string {
  const tenths = Math.round(value * 1000);
  const told = value < 1 && tenths === 1000 ? 999 : value > 0 && tenths === 0 ? 1 : tenths;
  return new Intl.NumberFormat(language.tag, { style: "percent", maximumFractionDigits: 1 }).format(told / 1000);
}

export function hours(value: number): string {
  return value < 72 ? t("figures.hours", { n: decimal(value) }) : t("figures.days.n", { n: decimal(value / 24) });
}

/** The figure itself: a dash where it is not known, a count where there are too few for a share. */
export function valueInWords(kind: Kind, figure: IndicatorFigure): string {
  const { value, few, numerator, denominator } = figure;
  if (kind === "count") return count(denominator);
  if (!denominator || value === null) return "–";
  if (kind === "time") return hours(value);
  return few ? t("figures.of", { k: count(numerator), n: count(denominator) }) : share(value);
}

/** Out of how many. */
export function basisInWords(kind: Kind, { numerator, denominator }: IndicatorFigure): string {
  if (kind === "count") return "";
  if (kind === "time") return t("figures.closed.of", { k: count(numerator), open: count(denominator - numerator) });
  return t("figures.of", { k: count(numerator), n: count(denominator) });
}

/** A change with its sign and an arrow. */
export function changeInWords(kind: Kind, change: number): string {
  const n = new Intl.NumberFormat(language.tag, { maximumFractionDigits: 1, minimumFractionDigits: 1, signDisplay: "exceptZero" }).format(change);
  return `${change > 0.05 ? "↑" : change < -0.05 ? "↓" : "→"} ${t(kind === "rate" ? "figures.points" : "figures.percent", { n })}`;
}

/** Which colour a change has. */
export function toneOf(better: IndicatorRow["better"], change: number): "good" | "bad" | "calm" {
  const good = Math.abs(change) < 0.05 ? null : isBetter(better, change);
  return good === null ? "calm" : good ? "good" : "bad";
}
