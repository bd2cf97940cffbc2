/** What a map must say of its sources. */

import { t } from "../i18n/index.svelte";
import type { County } from "../wire/types";

/** Maps of China that are shown carry their review number; generated lines are marked as such; roads have their source. */
export function creditOf(county: (Pick<County, "review_number" | "generated"> & Partial<Pick<County, "roads">>) | null): string {
  const number = county?.review_number;
  return [number ? t("review", { number }) : "", county?.generated ? t("generated") : "", county?.roads?.credit ?? ""].filter(Boolean).join(" · ");
}
