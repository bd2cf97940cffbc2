/** The figures before the hall's name in the tab's title. */

import { count } from "../../i18n/format";
import { t } from "../../i18n/index.svelte";
import type { Scenes } from "../../live/scenes.svelte";

/** How many call for help, are late and wait. */
export function titleFigures({ live, overdue }: Pick<Scenes, "live" | "overdue">): string {
  const figures = [
    live.openAlarms.length ? t("title.sos", { n: count(live.openAlarms.length) }) : "",
    overdue.length ? t("title.overdue", { n: count(overdue.length) }) : "",
    live.loaded ? t("title.waiting", { n: count(live.waiting.length) }) : "",
  ];
  return figures.filter(Boolean).join(" · ");
}
