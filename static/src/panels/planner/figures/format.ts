/** Figures of a plan in words. What is not known is a dash. */

import { count, decimal } from "../../../i18n/format";
import { language, t } from "../../../i18n/index.svelte";
import type { FigureName } from "../../../live/figurechange";

export const DASH = "–";
const SIGNED = { signDisplay: "exceptZero" } as const;

/** A figure with its unit, if it has one. */
export function figureWords(name: FigureName, value: number | null): string {
  if (value === null) return DASH;
  switch (name) {
    case "workload_minutes":
      return t("planner.hours", { n: decimal(value / 60) });
    case "farthest_minutes":
      return t("planner.minutes", { n: decimal(value) });
    case "load_deviation":
      return percent(value, 0);
    case "compactness":
      return decimal(value, 2);
    default:
      return count(value);
  }
}

/** A change with its sign; empty where nothing changed or is known. */
export function changeWords(name: FigureName, delta: number | null): string {
  if (delta === null) return "";
  switch (name) {
    case "workload_minutes":
      return number(delta / 60, 1);
    case "farthest_minutes":
      return number(delta, 1);
    case "load_deviation": {
      const n = number(delta * 100, 0);
      return n && t("planner.points", { n });
    }
    case "compactness":
      return number(delta, 2);
    default:
      return number(delta, 0);
  }
}

function number(n: number, digits: number): string {
  const written = new Intl.NumberFormat(language.tag, { minimumFractionDigits: digits, maximumFractionDigits: digits, ...SIGNED }).format(n);
  return /[1-9]/.test(written) ? written : "";
}

function percent(share: number, digits: number): string {
  return new Intl.NumberFormat(language.tag, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits, ...SIGNED }).format(share);
}
