/** What panels show over a plan's lines: places, each with a tone. Pure: deck's layers. */

import type { Layer } from "@deck.gl/core";
import { GeoJsonLayer } from "@deck.gl/layers";
import type { PlanColours, Rgba } from "../palette";

export type PanelTone = "wrong" | "notice" | "ours" | "theirs" | "both" | "said";
/** `where` is a GeoJSON geometry, or null where the place is not known. */
export type PanelMark = { where: unknown; tone: PanelTone };

type Look = { colours: PlanColours; scale: number };

function fillOf(tone: PanelTone, colours: PlanColours): Rgba {
  if (tone === "wrong") return colours.wrongFill;
  if (tone === "said") return opaque(colours.edge);
  if (tone === "theirs") return colours.lose;
  return tone === "ours" ? colours.gain : faint(colours[tone === "both" ? "edge" : "notice"]);
}

function lineOf(tone: PanelTone, colours: PlanColours): Rgba {
  if (tone === "wrong" || tone === "notice") return colours[tone];
  if (tone === "both" || tone === "said") return colours.edge;
  return opaque(tone === "ours" ? colours.gain : colours.lose);
}

const faint = ([r, g, b]: Rgba): Rgba => [r, g, b, 56];
const opaque = ([r, g, b]: Rgba): Rgba => [r, g, b, 255];

/** One layer for each tone, the most urgent on top. */
export function panelLayers(marks: readonly PanelMark[], { colours, scale }: Look): Layer[] {
  const tones: readonly PanelTone[] = ["theirs", "ours", "both", "said", "notice", "wrong"];
  return tones.flatMap((tone) => {
    const features = marks
      .filter((mark) => mark.tone === tone && mark.where !== null && typeof mark.where === "object")
      .map(({ where }) => ({ type: "Feature" as const, properties: {}, geometry: where as GeoJSON.Geometry }));
    if (!features.length) return [];
    return new GeoJsonLayer({
      id: `plan-panel-${tone}`,
      data: features,
      getFillColor: fillOf(tone, colours),
      getLineColor: lineOf(tone, colours),
      getLineWidth: 2.5 * scale,
      lineWidthUnits: "pixels",
      getPointRadius: 5 * scale,
      pointRadiusUnits: "pixels",
      pickable: false,
    });
  });
}
