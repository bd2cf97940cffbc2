/** The hall's map: what is chosen on it, who takes a click, and where it looks. */

import type { AppState } from "../../live/app.svelte";
import { isPlaced } from "../../live/placed";
import { NOTHING_CHOSEN, type Choice } from "../../map/compose";
import type { Bbox, Stage } from "../../map/stage";
import type { Desk } from "./desk.svelte";
import type { WayLine } from "./candidates/wayline.svelte";
import type { ForceCardState } from "./forces/forcecard.svelte";
import type { IncidentRecord } from "./record/record.svelte";

export type Margins = { top: number; right: number; bottom: number; left: number };
type HallMapParts = { app: Pick<AppState, "keyAreas" | "reach" | "scale" | "scenes">; desk: Desk; record: Pick<IncidentRecord, "takesPoint">; forceCard: Pick<ForceCardState, "trail">; wayLine: Pick<WayLine, "of"> };

const SHEET_REM = 21;
const FLIGHT_MS = 500;

export class HallMap {
  readonly #parts: HallMapParts;
  /** Null until the map is ready. */
  stage = $state.raw<Stage | null>(null);
  /** The incident that the map has moved to. */
  #lookedAt: number | null = null;
  /** The incident for which the view was widened. */
  #widenedFor: number | null = null;

  constructor(parts: HallMapParts) {
    this.#parts = parts;
  }

  readonly choice = $derived.by<Choice>(() => {
    const { app, desk, forceCard } = this.#parts;
    const reach = desk.sheet === "reach" && !app.scenes.replaying ? app.reach.answer : null;
    const { closing } = desk;
    const drawing = closing.drawing ? { drawn: closing.drawn, points: closing.points } : null;
    return { ...this.#chosen(), drawing, trail: (desk.sheet === "force" && forceCard.trail) || [], reach, keyAreas: app.keyAreas.items };
  });

  /** What a click on the map gives its point to: a form that is open, or the placing of an incident. */
  readonly onPoint = $derived.by(() => {
    const { desk, record } = this.#parts;
    const take = record.takesPoint;
    // Its points come from the map itself (`drawOn`): deck takes two quick clicks for one double click.
    if (desk.closing.drawing) return () => undefined;
    if (take) return (lon: number, lat: number) => take([lon, lat]);
    return desk.placing === null ? null : (lon: number, lat: number) => void desk.place(lon, lat);
  });

  /** Zoom levels to add where everything is drawn larger. */
  get #enlarged(): number {
    return Math.log2(this.#parts.app.scale.value);
  }

  #chosen(): Choice {
    const { desk } = this.#parts;
    if (!desk.incident) return NOTHING_CHOSEN;
    const { chosen } = desk.selection;
    return {
      incident: desk.incident,
      way: chosen ? this.#parts.wayLine.of(chosen.force, desk.incident.id) : null,
      candidates: desk.proposals.candidates?.candidates ?? [],
      force: desk.selection.chosen?.force ?? desk.tasks[0]?.force ?? null,
      nearCameras: Array.isArray(desk.shown.cameras) ? desk.shown.cameras : [],
    };
  }

  /** Lets clicks on the map set the points of a closure, and returns what ends that. */
  drawOn({ map }: Stage): () => void {
    const { closing } = this.#parts.desk;
    const add = ({ lngLat }: { lngLat: { lng: number; lat: number } }) => closing.add(lngLat.lng, lngLat.lat);
    map.on("click", add);
    map.doubleClickZoom.disable();
    return () => {
      map.off("click", add);
      map.doubleClickZoom.enable();
    };
  }

  /** The middle of what the map shows, null before it is ready. */
  get middle(): readonly [number, number] | null {
    const at = this.stage?.map.getCenter();
    return at ? [at.lng, at.lat] : null;
  }

  /** Shows the whole area. */
  showWhole(bbox: Bbox): void {
    this.stage?.fit(bbox);
  }

  /** Widens the view, once for each open incident, so that the force proposed first or sent is in it. */
  showProposed(): void {
    const { incident, force } = this.choice;
    if (!this.stage || !incident || !isPlaced(incident) || force === null || this.#widenedFor === incident.id) return;
    const where = this.#parts.app.scenes.current.fleet.where(force);
    this.#widenedFor = incident.id;
    if (where) this.stage.widen([[incident.lon, incident.lat], where]);
  }

  showPoint(lon: number, lat: number): void {
    this.stage?.goTo(lon, lat, 15.5 + this.#enlarged);
  }

  /** Shows a hexagon with what lies around it. */
  showCell(lon: number, lat: number): void {
    this.stage?.goTo(lon, lat, 12.5 + this.#enlarged);
  }

  /** Shows the open incident, once each time that another is opened. */
  showOpened(): void {
    const { app, desk } = this.#parts;
    const id = desk.opened;
    if (id === null || !this.stage) return;
    const incident = app.scenes.current.incident(id) ?? desk.incident;
    if (!incident || !isPlaced(incident) || this.#lookedAt === id) return;
    this.#lookedAt = id;
    this.stage.goTo(incident.lon, incident.lat, 13.2 + this.#enlarged);
  }

  /** Moves the map so that the point lies beside the open sheet, which `margins` do not contain. */
  showBeside([lon, lat]: readonly [number, number], margins: Margins): void {
    if (!this.stage) return;
    const { map } = this.stage;
    const { scale } = this.#parts.app;
    const left = margins.left + (scale.inHand ? 0 : SHEET_REM * 16 * scale.value);
    const offset: [number, number] = [(left - margins.right) / 2, (margins.top - margins.bottom) / 2];
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 14.5 + this.#enlarged), offset, duration: FLIGHT_MS });
  }
}
