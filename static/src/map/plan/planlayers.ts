/** The lines of a plan on the map: one source for all divisions, kept current by what changed, and one for their names. */

import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from "maplibre-gl";
import type { LineFeature } from "../../wire/plans";
import { MAP_FONT } from "../fonts";
import type { PlanColours } from "../palette";
import { labelPlace } from "./outlines";

export const LINES = "plan-lines";
export const NAMES = "plan-names";

/** How the lines look: `level` is the one that tools take hold of, `levels` all of them from the top down. */
export type PlanLook = {
  levels: readonly string[];
  level: string;
  colours: PlanColours;
  halo: string;
  scale: number;
  /** The word under the name of a locked division. */
  locked: string;
};

/** What is to be drawn anew: all, or what changed and the codes that are gone. */
export type LinesDiff = { whole: true } | { whole: false; changed: readonly LineFeature[]; removed: readonly string[] };

type Point = { type: "Feature"; properties: Record<string, unknown>; geometry: { type: "Point"; coordinates: [number, number] } };

function pointOf({ properties, geometry }: LineFeature): Point {
  return { type: "Feature", properties: { ...properties }, geometry: { type: "Point", coordinates: labelPlace(geometry) } };
}

const isLevel = (level: string): ExpressionSpecification => ["==", ["get", "level"], level];
const touched: ExpressionSpecification = ["boolean", ["feature-state", "touched"], false];

/** A tint: the figure's that is shown, else what the plan has done to the division. */
function fillOf({ level, colours }: PlanLook): LayerSpecification {
  return {
    id: "plan-fill",
    type: "fill",
    source: LINES,
    filter: isLevel(level),
    paint: {
      "fill-color": [
        "coalesce", ["feature-state", "fill"],
        ["case", ["get", "locked"], colours.locked, touched, colours.touched, ["!=", ["get", "kind"], null], colours.special, colours.touched],
      ],
      "fill-opacity": [
        "case", ["!=", ["feature-state", "fill"], null], 0.55, ["get", "locked"], 0.28, touched, 0.12, ["!=", ["get", "kind"], null], 0.14, 0,
      ],
      "fill-antialias": false,
    },
  };
}

function lineOf(level: string, { levels, level: held, colours, scale }: PlanLook): LayerSpecification {
  const [depth, focus] = [levels.indexOf(level), levels.indexOf(held)];
  const width = depth > focus ? 0.7 : depth === focus ? 1.3 : 1.6 + 0.5 * (focus - depth);
  return {
    id: `plan-line-${level}`,
    type: "line",
    source: LINES,
    // Lines below the held level come in when there is room for them.
    minzoom: depth > focus ? 11 + (depth - focus) : 0,
    filter: isLevel(level),
    layout: { "line-join": "round" },
    paint: {
      "line-color": depth > focus ? colours.fine : colours.line,
      "line-opacity": depth > focus ? 0.8 : 0.95,
      "line-width": ["interpolate", ["linear"], ["zoom"], 9, width * 0.6 * scale, 12, width * scale, 16, width * 1.6 * scale],
    },
  };
}

function nameOf({ level, colours, halo, scale, locked }: PlanLook): LayerSpecification {
  return {
    id: "plan-name",
    type: "symbol",
    source: NAMES,
    filter: isLevel(level),
    layout: {
      "text-field": ["case", ["get", "locked"], ["concat", ["get", "name"], "\n", locked], ["get", "name"]],
      "text-font": [MAP_FONT],
      "text-size": 12.5 * scale,
      "text-max-width": 8,
      "text-padding": 4,
    },
    paint: { "text-color": colours.name, "text-halo-color": halo, "text-halo-width": 1.6 * scale, "text-halo-blur": 0.4 },
  };
}

type State = { touched: boolean; fill: string | null };
const PLAIN: State = { touched: false, fill: null };

export class PlanLayers {
  readonly #map: MapLibre;
  #byCode: ReadonlyMap<string, LineFeature> = new Map();
  #points = new Map<string, Point>();
  #layers: string[] = [];
  /** The states that the map has, by code: whatever stays as it is, is not drawn anew with every preview. */
  #stated = new Map<string, State>();

  constructor(map: MapLibre) {
    this.#map = map;
  }

  /** Draws the lines. Of a change only what it touched is sent to the map's worker. */
  show(all: ReadonlyMap<string, LineFeature>, diff: LinesDiff, look: PlanLook): void {
    const features = [...all.values()];
    const source = this.#map.getSource<GeoJSONSource>(LINES);
    if (!source) this.#stated.clear();
    if (!source || diff.whole) {
      this.#points = new Map(features.map((one) => [one.properties.code, pointOf(one)]));
      this.#set(LINES, { type: "FeatureCollection", features }, { promoteId: "code", maxzoom: 17, tolerance: 0.2 });
    } else {
      for (const code of diff.removed) this.#points.delete(code);
      for (const one of diff.changed) this.#points.set(one.properties.code, pointOf(one));
      void source.updateData({ remove: [...diff.removed], add: [...diff.changed] });
    }
    this.#set(NAMES, { type: "FeatureCollection", features: [...this.#points.values()] }, {});
    this.#byCode = all;
    if (!this.#layers.length) this.style(look);
  }

  /** Draws the layers anew: another theme, another level in hand. */
  style(look: PlanLook): void {
    this.#removeLayers();
    if (!this.#byCode.size) return;
    const lines = look.levels.toReversed().map((level) => lineOf(level, look));
    for (const layer of [fillOf(look), ...lines, nameOf(look)]) {
      this.#map.addLayer(layer);
      this.#layers.push(layer.id);
    }
  }

  /** Tints divisions that the plan has changed, and by a figure where one is shown. */
  tint(touchedCodes: Iterable<string>, fills: ReadonlyMap<string, string> | null): void {
    if (!this.#map.getSource(LINES)) return;
    const states = new Map<string, State>();
    for (const code of touchedCodes) states.set(code, { touched: true, fill: null });
    for (const [code, fill] of fills ?? []) states.set(code, { touched: states.has(code), fill });
    for (const id of this.#stated.keys()) if (!states.has(id)) states.set(id, PLAIN);
    for (const [id, state] of states) {
      const { touched, fill } = this.#stated.get(id) ?? PLAIN;
      if (touched !== state.touched || fill !== state.fill) this.#map.setFeatureState({ source: LINES, id }, state);
      if (state === PLAIN) this.#stated.delete(id);
      else this.#stated.set(id, state);
    }
  }

  clear(): void {
    this.#removeLayers();
    for (const name of [LINES, NAMES]) if (this.#map.getSource(name)) this.#map.removeSource(name);
    this.#byCode = new Map();
    this.#stated.clear();
  }

  #removeLayers(): void {
    for (const id of this.#layers) if (this.#map.getLayer(id)) this.#map.removeLayer(id);
    this.#layers = [];
  }

  #set(name: string, data: GeoJSON.GeoJSON | { type: "FeatureCollection"; features: readonly unknown[] }, options: object): void {
    const source = this.#map.getSource<GeoJSONSource>(name);
    if (source) void source.setData(data as GeoJSON.GeoJSON);
    else this.#map.addSource(name, { type: "geojson", data: data as GeoJSON.GeoJSON, ...options });
  }
}
