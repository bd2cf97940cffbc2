/** What a map must say of its sources. */

import { t } from "../i18n/index.svelte";
import type { County } from "../wire/types";

type Credited = Pick<County, "review_number" | "generated"> & Partial<Pick<County, "roads" | "basemap" | "raster">>;

/** Maps of China that are shown carry their review number; generated lines are marked as such; roads, basemap and raster map
 * have their sources, once each. */
export function creditOf(county: Credited | null): string {
  const number = county?.review_number;
  const drawn = [county?.basemap, county?.roads];
  const made = drawn.some((one) => one?.origin === "made");
  const lines = county?.generated ? t(made ? "generated.all" : "generated") : made ? t("made.roads") : "";
  const sources = [...drawn, county?.raster].map((one) => (one?.credit === OPENSTREETMAP ? t("credit.osm") : (one?.credit ?? "")));
  return [number ? t("review", { number }) : "", lines, ...new Set(sources)].filter(Boolean).join(" · ");
}

const OPENSTREETMAP = "© OpenStreetMap contributors";
