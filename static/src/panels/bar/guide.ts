/** The addresses of the guide. Pure. */

import type { Locale } from "../../i18n/tables";

/** The screens that have a guide; the server knows the same. */
export type GuideName = "operator" | "desk" | "patrol" | "wall" | "planner" | "start";

export function guideUrl(name: GuideName, locale: Locale): string {
  return `/guide/${name}?lang=${locale}`;
}
