/** What every map of the county has in common: its lines and what these stand on, and the credit of both. */

import { language } from "../i18n/index.svelte";
import type { AppState } from "../live/app.svelte";
import type { Place } from "../wire/platform";
import type { BasemapOptions } from "./basemap";
import { creditOf } from "./credit";

export type OwnParts = {
  scale: Pick<AppState["scale"], "value">;
  theme: Pick<AppState["theme"], "value">;
  session: Pick<AppState["session"], "county" | "lines">;
  divisions: Pick<AppState["divisions"], "atDepth">;
  underlay: Pick<AppState["underlay"], "value">;
  platform: { location: Pick<Place, "origin" | "prefix"> };
};

/** The county, its towns and villages. */
const NAMED = [0, 1, 2];

/** The county's lines and basemap in the present look and language. */
export function ownMap(parts: OwnParts): Omit<BasemapOptions, "grids" | "cameras" | "places"> {
  const { scale, theme, session, divisions, platform } = parts;
  const { basemap: ground, raster } = drawnOf(parts);
  return {
    scale: scale.value,
    theme: theme.value,
    root: `${platform.location.origin}${platform.location.prefix}`,
    lines: session.lines,
    levels: session.county?.levels ?? [],
    ground,
    raster,
    named: ground ? NAMED.flatMap((depth) => divisions.atDepth(depth).map(({ name }) => name)) : [],
    locale: language.locale,
  };
}

/** What must be said of the sources of `ownMap`. */
export function ownCredit(parts: Pick<OwnParts, "session" | "underlay">): string {
  const { county } = parts.session;
  return creditOf(county && { ...county, ...drawnOf(parts) });
}

/** The maps that the county's lines stand on. */
function drawnOf({ session: { county }, underlay }: Pick<OwnParts, "session" | "underlay">) {
  return {
    basemap: (underlay.value === "vector" && county?.basemap) || null,
    raster: (underlay.value === "raster" && county?.raster) || null,
  };
}
