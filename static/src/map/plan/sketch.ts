/** What is drawn by hand, gathered by terra-draw: a line, an area, a stroke of the brush. It only gathers: places are
 * snapped by the caller's rule, rounded when they are sent, and never come back as a shape of ours.
 */

import type { Map as MapLibre } from "maplibre-gl";
import { TerraDraw, TerraDrawFreehandLineStringMode, TerraDrawFreehandMode, TerraDrawLineStringMode, TerraDrawPolygonMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import type { Position } from "../../wire/plans";

export type SketchKind = "line" | "area" | "stroke" | "lasso";

/** How near its first or its last corner a click finishes a shape: terra-draw's 40 would close whatever is small. */
const CLOSING_PX = 10;

const MODES: Record<SketchKind, string> = { line: "linestring", area: "polygon", stroke: "freehand-linestring", lasso: "freehand" };

export type SketchParts = {
  colour: `#${string}`;
  scale: number;
  /** Where a drawn place is meant to be; null: where it is. */
  snap: (place: Position) => Position | null;
  /** Everything drawn up to the pointer; a ring is closed. */
  onChange: (places: Position[]) => void;
  onFinish: (places: Position[]) => void;
};

/** An unfinished shape has places that follow the pointer. */
type Shape = { geometry: { type: string; coordinates: unknown }; properties: Record<string, unknown>; id?: string | number };

export class Sketch {
  readonly #draw: TerraDraw;
  readonly #parts: SketchParts;
  #kind: SketchKind;
  #shown: Position[] = [];
  #committed = 0;

  constructor(map: MapLibre, kind: SketchKind, parts: SketchParts) {
    this.#parts = parts;
    this.#kind = kind;
    this.#draw = new TerraDraw({
      // Terra-draw waits for the map to rest between the steps of a drag, unless told otherwise.
      adapter: new TerraDrawMapLibreGLAdapter({ map, prefixId: "plan-sketch", coordinatePrecision: 9, minPixelDragDistance: 2, minPixelDragDistanceDrawing: 2 }),
      modes: modesOf(parts),
    });
    this.#draw.start();
    this.#draw.setMode(MODES[kind]);
    this.#draw.on("change", (ids, type) => {
      if (type !== "delete") this.#changed(ids);
    });
    this.#draw.on("finish", (id) => this.#finished(id));
  }

  /** Whether something is being drawn. */
  get active(): boolean {
    return this.#shown.length > 0;
  }

  /** The places that were set, without those that follow the pointer. */
  get places(): Position[] {
    return this.#committed ? this.#shown.slice(0, this.#committed) : this.#shown.slice();
  }

  /** Throws away what is being drawn. */
  cancel(): void {
    this.#shown = [];
    this.#draw.clear();
    this.#draw.setMode(MODES[this.#kind]);
  }

  stop(): void {
    this.#shown = [];
    this.#draw.stop();
  }

  #changed(ids: readonly (string | number)[]): void {
    const drawn = this.#draw.getSnapshot().find((one) => ids.includes(one.id as string) && one.properties.mode === MODES[this.#kind] && one.geometry.type !== "Point");
    if (!drawn) return;
    this.#shown = placesOf(drawn as Shape);
    this.#committed = Number(drawn.properties.committedCoordinateCount ?? 0);
    if (this.#shown.length) this.#parts.onChange(this.#shown);
  }

  #finished(id: string | number): void {
    const drawn = this.#draw.getSnapshotFeature(id);
    const places = drawn ? placesOf(drawn as Shape) : [];
    this.#shown = [];
    // Not within terra-draw's own event: it goes on with the feature afterwards.
    queueMicrotask(() => {
      this.cancel();
      if (places.length > 1) this.#parts.onFinish(places);
    });
  }
}

function placesOf({ geometry }: Shape): Position[] {
  const found = geometry.type === "Polygon" ? ((geometry.coordinates as Position[][])[0] ?? []) : (geometry.coordinates as Position[]);
  return found.filter((place, i) => i === 0 || place[0] !== found[i - 1]?.[0] || place[1] !== found[i - 1]?.[1]);
}

function modesOf({ colour, scale, snap }: SketchParts) {
  const snapping = { toCustom: ({ lng, lat }: { lng: number; lat: number }) => snap([lng, lat]) ?? undefined };
  const pointerDistance = CLOSING_PX * scale;
  const line = { lineStringColor: colour, lineStringWidth: 3 * scale, closingPointColor: colour, snappingPointColor: colour } as const;
  const area = { fillColor: colour, fillOpacity: 0.15, outlineColor: colour, outlineWidth: 3 * scale, closingPointColor: colour } as const;
  return [
    new TerraDrawLineStringMode({ styles: line, snapping, pointerDistance, keyEvents: null }),
    new TerraDrawPolygonMode({ styles: { ...area, snappingPointColor: colour }, snapping, pointerDistance, keyEvents: null }),
    new TerraDrawFreehandLineStringMode({ styles: { lineStringColor: colour, lineStringWidth: 6 * scale, lineStringOpacity: 0.55 }, drawInteraction: "click-drag", minDistance: 4, keyEvents: null }),
    new TerraDrawFreehandMode({ styles: area, drawInteraction: "click-drag", minDistance: 6, keyEvents: null }),
  ];
}
