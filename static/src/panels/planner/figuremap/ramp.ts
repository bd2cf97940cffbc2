/** Colours of a figure's classes, from the page's tokens: one hue for amounts, two for what lies below and above. */

import type { Classes } from "../../../live/choropleth";

const AMOUNT = ["--heat-1", "--heat-2", "--heat-3", "--heat-4", "--heat-5"] as const;
/** Blue and amber stay apart for people who do not tell red from green. */
const AROUND = ["--busy", "--busy-line", "--line", "--soon-line", "--soon"] as const;

export function tokensOf(classes: Classes | null): readonly string[] {
  return classes?.diverging ? AROUND : AMOUNT;
}

/** The colours as the theme in use has them: the map takes no tokens. */
export function rampOf(classes: Classes | null): string[] {
  const style = getComputedStyle(document.documentElement);
  return tokensOf(classes).map((token) => style.getPropertyValue(token).trim());
}
