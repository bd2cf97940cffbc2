/** What a map must say of its sources. */

import { t } from "../i18n/index.svelte";
import type { County } from "../wire/types";

/** Maps of China that are shown carry their review number; generated lines and made-up roads are marked as such; other roads have
 * their source. */
export function creditOf(county: (Pick<County, "review_number" | "generated"> & Partial<Pick<County, "roads">>) | null): string {
  const number = county?.review_number;
  const roads = county?.roads?.origin === "made" ? t("made.roads") : (county?.roads?.credit ?? "");
  return [number ? t("review", { number }) : "", county?.generated ? t("generated") : "", roads].filter(Boolean).join(" · ");
}
