/** What a map must say of its sources. */

import { t } from "../i18n/index.svelte";
import type { County } from "../wire/types";

type Credited = Pick<County, "review_number" | "generated"> & Partial<Pick<County, "roads" | "basemap">>;

/** Maps of China that are shown carry their review number; generated lines are marked as such; roads and basemap have
 * their sources, once each. */
export function creditOf(county: Credited | null): string {
  const number = county?.review_number;
  const sources = [county?.basemap, county?.roads].map((drawn) => {
    if (drawn?.origin === "made") return t("made.roads");
    return drawn?.credit === OPENSTREETMAP ? t("credit.osm") : (drawn?.credit ?? "");
  });
  return [number ? t("review", { number }) : "", county?.generated ? t("generated") : "", ...new Set(sources)].filter(Boolean).join(" · ");
}

const OPENSTREETMAP = "© OpenStreetMap contributors";
