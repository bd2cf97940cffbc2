/** What lies over a plan's lines while somebody draws: the preview, what is wrong, where the hand is. Pure: deck's layers.
 *
 * Deck draws them in the next frame, without the map's worker: a preview must not lag behind the mouse.
 */

import type { Layer } from "@deck.gl/core";
import { GeoJsonLayer, PathLayer, PolygonLayer, ScatterplotLayer } from "@deck.gl/layers";
import type { LineFeature, Position } from "../../wire/plans";
import type { PlanColours, Rgba } from "../palette";
import { areaOf, ringsOf, type Found } from "./outlines";

export type Marked = { where: unknown; tone: "wrong" | "notice" };

export type OverlayState = {
  /** Divisions as they would be, and as they are. */
  preview: readonly LineFeature[];
  known: (code: string) => LineFeature | undefined;
  /** The level that tools take hold of: its divisions are filled. */
  level: string;
  marked: readonly Marked[];
  /** Divisions that were chosen one by one. */
  chosen: readonly LineFeature[];
  /** The corner or edge under the hand. */
  hand: Found | null;
  guides: readonly (readonly Position[])[];
  /** Lines from what hangs on a dragged place to the hand. */
  band: readonly (readonly Position[])[];
};

type Look = { colours: PlanColours; scale: number };

const GROWN_M2 = 0.5;

/** Whether a division would be new or larger than it is. */
export function grows(feature: LineFeature, known: LineFeature | undefined): boolean {
  return !known || areaOf(feature.geometry) > areaOf(known.geometry) + GROWN_M2;
}

function polygonsOf(features: readonly LineFeature[]): { polygon: Position[][]; feature: LineFeature }[] {
  return features.flatMap((feature) =>
    (feature.geometry.type === "Polygon" ? [feature.geometry.coordinates] : feature.geometry.coordinates).map((polygon) => ({ polygon, feature })),
  );
}

function fills(id: string, features: readonly LineFeature[], colour: (feature: LineFeature) => Rgba): Layer {
  return new PolygonLayer({
    id,
    data: polygonsOf(features),
    getPolygon: ({ polygon }) => polygon,
    getFillColor: ({ feature }) => colour(feature),
    stroked: false,
    pickable: false,
  });
}

function paths(id: string, lines: readonly (readonly Position[])[], width: number, colour: Rgba): Layer {
  return new PathLayer<readonly Position[]>({
    id,
    data: lines,
    getPath: (line) => [...line],
    getColor: colour,
    getWidth: width,
    widthUnits: "pixels",
    jointRounded: true,
    pickable: false,
  });
}

const outlines = (id: string, features: readonly LineFeature[], width: number, colour: Rgba) =>
  paths(id, features.flatMap(({ geometry }) => [...ringsOf(geometry)]), width, colour);

function previewed({ preview, known, level }: OverlayState, { colours, scale }: Look): Layer[] {
  if (!preview.length) return [];
  const held = preview.filter(({ properties }) => properties.level === level);
  const filled = held.length ? held : preview.filter(({ properties }) => properties.parent_code !== null);
  return [
    fills("plan-preview", filled, (feature) => (grows(feature, known(feature.properties.code)) ? colours.gain : colours.lose)),
    outlines("plan-preview-lines", filled, 2.5 * scale, colours.edge),
  ];
}

function marks({ marked }: OverlayState, { colours, scale }: Look): Layer[] {
  const shown = marked.filter(({ where }) => where !== null && typeof where === "object");
  return shown.map(
    ({ where, tone }, i) =>
      new GeoJsonLayer({
        id: `plan-mark-${i}`,
        data: { type: "Feature", properties: {}, geometry: where as GeoJSON.Geometry },
        getLineColor: colours[tone],
        getFillColor: tone === "wrong" ? colours.wrongFill : colours.notice,
        getPointRadius: 7 * scale,
        pointRadiusUnits: "pixels",
        getLineWidth: 3 * scale,
        lineWidthUnits: "pixels",
        pickable: false,
      }),
  );
}

function handed(hand: Found, { colours, scale }: Look): Layer {
  return new ScatterplotLayer<Found>({
    id: "plan-hand",
    data: [hand],
    getPosition: ({ place }) => place,
    getRadius: (hand.kind === "vertex" ? 7 : 5) * scale,
    radiusUnits: "pixels",
    filled: hand.kind === "vertex",
    stroked: true,
    getFillColor: colours.edge,
    getLineColor: colours.handle,
    getLineWidth: 2 * scale,
    lineWidthUnits: "pixels",
    pickable: false,
  });
}

/** Every layer, the lowest first. */
export function overlay(state: OverlayState, look: Look): Layer[] {
  const { colours, scale } = look;
  return [
    ...(state.guides.length ? [paths("plan-guides", state.guides, 2 * scale, colours.guide)] : []),
    ...(state.chosen.length ? [fills("plan-chosen", state.chosen, () => colours.gain), outlines("plan-chosen-lines", state.chosen, 2.5 * scale, colours.edge)] : []),
    ...previewed(state, look),
    ...(state.band.length ? [paths("plan-band", state.band, 2 * scale, colours.handle)] : []),
    ...marks(state, look),
    ...(state.hand ? [handed(state.hand, look)] : []),
  ];
}
