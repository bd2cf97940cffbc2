/** What every map of the county has in common. */

import { language } from "../i18n/index.svelte";
import type { AppState } from "../live/app.svelte";
import type { Place } from "../wire/platform";
import type { BasemapOptions } from "./basemap";

export type OwnParts = {
  scale: Pick<AppState["scale"], "value">;
  theme: Pick<AppState["theme"], "value">;
  session: Pick<AppState["session"], "county" | "lines">;
  divisions: Pick<AppState["divisions"], "atDepth">;
  platform: { location: Pick<Place, "origin" | "prefix"> };
};

/** The county, its towns and villages. */
const NAMED = [0, 1, 2];

/** The county's lines and basemap in the present look and language. */
export function ownMap({ scale, theme, session, divisions, platform }: OwnParts): Omit<BasemapOptions, "grids" | "cameras" | "places"> {
  const ground = session.county?.basemap ?? null;
  return {
    scale: scale.value,
    theme: theme.value,
    root: `${platform.location.origin}${platform.location.prefix}`,
    lines: session.lines,
    levels: session.county?.levels ?? [],
    ground,
    named: ground ? NAMED.flatMap((depth) => divisions.atDepth(depth).map(({ name }) => name)) : [],
    locale: language.locale,
  };
}
