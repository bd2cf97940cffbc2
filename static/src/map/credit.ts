/** What a map must say of its sources. */

import { t } from "../i18n/index.svelte";
import type { County } from "../wire/types";

/** Maps of China that are shown carry their review number; generated lines are marked as such. */
export function creditOf(county: Pick<County, "review_number" | "generated"> | null): string {
  const number = county?.review_number;
  return [number ? t("review", { number }) : "", county?.generated ? t("generated") : ""].filter(Boolean).join(" · ");
}
