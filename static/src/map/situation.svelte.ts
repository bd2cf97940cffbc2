/** The live state as deck layers: incidents, forces, hotspots, cameras and the ways between them. */

import type { Layer, PickingInfo } from "@deck.gl/core";
import { age } from "../i18n/format";
import { t } from "../i18n/index.svelte";
import type { AppState } from "../live/app.svelte";
import { kindPlaces, riskRank, topRisk } from "../live/names";
import { placeOf } from "../live/sos";
import { Throttled } from "../live/throttled.svelte";
import type { Camera, Closure, HotCell, Incident } from "../wire/types";
import type { BasemapOptions } from "./basemap";
import { tags, ways, type Choice } from "./compose";
import { accuracyLayer, coarseCircles } from "./layers/accuracy";
import { coneLayers, CONES_FROM_ZOOM } from "./layers/cameras";
import { keyAreaLayer } from "./layers/keyareas";
import { countedForces, forceLayer, forceMarks, type ForceMarks } from "./layers/forces";
import { closureLayers, drawingLayers } from "./layers/closures";
import { groupDepth, groupLayer, groupsOf, type ForceGroup } from "./layers/groups";
import { foundLayer } from "./layers/found";
import { chosenCellLayer, hexLayers, NEAR_ZOOM, type HotSign } from "./layers/hexes";
import { chosenLayer, incidentLayers, pickedIncident } from "./layers/incidents";
import { sosLayer } from "./layers/sos";
import { reachLayers } from "./layers/reach";
import { ownCredit, ownMap, type OwnParts } from "./own";
import { PALETTES } from "./palette";
import { trailLayer } from "./layers/trail";

/** What a pixel of the map shows. */
export type Picked =
  | { what: "incident"; incident: Incident }
  | { what: "force"; id: number }
  | { what: "group"; group: ForceGroup }
  | { what: "cell"; cell: HotCell }
  | { what: "closure"; closure: Closure };

export type SituationParts = OwnParts & Pick<AppState, "scenes" | "mapView" | "pastDay"> & {
  hotspotCell: Pick<AppState["hotspotCell"], "cell">;
};

/** What one screen shows beside the live state, and the silhouettes of its forces. */
export type SituationOptions = {
  choice: () => Choice;
  cameras: () => readonly Camera[];
  icons: HTMLCanvasElement;
  /** Whether the server sends this screen masked positions. */
  masked?: () => boolean;
};

const INCIDENTS_EVERY_MS = 500;
/** Ages and urgencies are redrawn this often, not every second. */
const COARSE_MS = 5000;

/** Its tag stands beside those of forces, whose ids are above zero. */
const FOUND_TAG = -1;

export class Situation {
  readonly #parts: SituationParts;
  readonly #options: SituationOptions;
  readonly #queue: Throttled<readonly Incident[]>;
  #marks: ForceMarks | null = null;

  constructor(parts: SituationParts, options: SituationOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#queue = new Throttled(parts.scenes.current.queue, INCIDENTS_EVERY_MS);
  }

  readonly #scene = $derived.by(() => this.#parts.scenes.current);
  readonly #county = $derived.by(() => this.#parts.session.county);
  readonly #palette = $derived.by(() => PALETTES[this.#parts.theme.value]);
  readonly #scale = $derived.by(() => this.#parts.scale.value);
  readonly #on = $derived.by(() => this.#parts.mapView.on);
  readonly #choice = $derived.by(() => this.#options.choice());
  /** The zoom by which details show: what is drawn twice as large shows half as much. */
  readonly #zoom = $derived.by(() => this.#parts.mapView.zoom - Math.log2(this.#scale));
  readonly #near = $derived(this.#zoom >= NEAR_ZOOM);
  readonly #rank = $derived(riskRank(this.#county));
  readonly #kinds = $derived(kindPlaces(this.#county));
  readonly #coarseNow = $derived.by(() => Math.floor(this.#parts.scenes.now / COARSE_MS) * COARSE_MS);
  readonly #staleMs = $derived((this.#county?.stale_after_s ?? 0) * 1000);

  readonly basemap = $derived.by<BasemapOptions>(() => ({
    ...ownMap(this.#parts),
    grids: this.#on.grids,
    cameras: this.#on.cameras,
    places: this.#on.places,
  }));

  readonly credit = $derived.by(() => ownCredit(this.#parts));

  readonly notice = $derived(this.#county && !this.#county.bbox ? t("map.nothing") : "");

  readonly #hexes = $derived.by(() => {
    const { hotspots } = this.#parts.pastDay;
    if (!this.#on.hexes || !hotspots) return [];
    const view = { scale: this.#scale, zoom: this.#zoom, palette: this.#palette, atlas: this.#options.icons };
    const { cell } = this.#parts.hotspotCell;
    return [...hexLayers(hotspots, view), ...(cell ? [chosenCellLayer(cell.cell, view)] : [])];
  });

  readonly #cones = $derived.by(() => {
    const cameras = this.#options.cameras();
    const near = new Set(this.#choice.nearCameras.map((camera) => camera.id));
    return this.#on.cameras && this.#zoom >= CONES_FROM_ZOOM && cameras.length ? coneLayers(cameras, near, this.#scale, this.#palette) : [];
  });

  readonly #keyAreas = $derived.by(() => {
    const { keyAreas = [] } = this.#choice;
    return this.#on.key_areas && keyAreas.length ? [keyAreaLayer(keyAreas, this.#scale, this.#palette)] : [];
  });

  readonly #ways = $derived.by(() => {
    void this.#scene.fleet.version;
    return ways(this.#scene, this.#choice, {
      now: this.#coarseNow,
      staleMs: this.#staleMs,
      scale: this.#scale,
      palette: this.#palette,
      all: this.#depth === null,
    });
  });

  readonly #trail = $derived.by(() => {
    const path = this.#choice.trail ?? [];
    return path.length ? [trailLayer(path, this.#scale, this.#palette)] : [];
  });

  readonly #reach = $derived.by(() => {
    const { reach } = this.#choice;
    return reach ? reachLayers(reach, (force) => this.#scene.fleet.where(force), this.#scale, this.#palette) : [];
  });

  readonly #closures = $derived.by(() => {
    const { closures } = this.#scene;
    return closures.length ? closureLayers(closures, this.#scale, this.#palette) : [];
  });

  readonly #drawing = $derived.by(() => {
    const { drawing } = this.#choice;
    return drawing ? drawingLayers(drawing, this.#scale, this.#palette) : [];
  });

  readonly #incidents = $derived.by(() => {
    if (!this.#on.incidents) return [];
    return incidentLayers(this.#queue.value, {
      topRisk: topRisk(this.#county),
      now: this.#coarseNow,
      scale: this.#scale,
      rank: this.#rank,
      near: this.#near,
      palette: this.#palette,
      atlas: this.#options.icons,
    });
  });

  /** The forces on the map, to be counted. */
  readonly #counted = $derived.by(() => {
    void this.#scene.fleet.version;
    const { forces, busy, fleet } = this.#scene;
    return countedForces(fleet, { forces, busy, now: this.#coarseNow, staleMs: this.#staleMs });
  });

  readonly #depth = $derived.by(() => groupDepth(this.#zoom, this.#county?.levels ?? [], this.#counted.length));

  /** Forces that are marks of their own beside counts: those of the chosen incident, and whoever calls for help. */
  readonly #single = $derived.by(() => {
    const { incident, candidates, force } = this.#choice;
    const on = incident ? this.#scene.activeTasksOf(incident.id).map((task) => task.force) : [];
    const calling = this.#scene.openAlarms.flatMap((sos) => sos.force ?? []);
    return new Set([...on, ...calling, ...candidates.slice(0, 3).map((one) => one.force), ...(force === null ? [] : [force])]);
  });

  readonly #groups = $derived.by(() => {
    const depth = this.#depth;
    if (!this.#on.forces || depth === null) return [];
    const single = this.#single;
    const counted = this.#counted.filter(({ id }) => !single.has(id));
    return [groupLayer(groupsOf(counted, depth, this.#parts.divisions.atDepth(depth)), { scale: this.#scale, palette: this.#palette })];
  });

  readonly #forces = $derived.by(() => {
    void this.#scene.fleet.version;
    if (!this.#on.forces) return [];
    const { forces, busy, fleet } = this.#scene;
    const view = {
      forces,
      busy,
      kinds: this.#kinds,
      now: this.#coarseNow,
      staleMs: this.#staleMs,
      zoom: this.#zoom,
      scale: this.#scale,
      atlas: this.#options.icons,
      masked: this.#options.masked?.() ?? false,
      palette: this.#palette,
      presences: this.#scene.presences,
      only: this.#depth === null ? null : this.#single,
    };
    this.#marks = forceMarks(fleet, view);
    const circles = coarseCircles(fleet, view);
    const around = circles.length ? [accuracyLayer(circles, this.#scale, this.#palette)] : [];
    return [...around, forceLayer(this.#marks, view)];
  });

  readonly #sos = $derived.by(() => {
    void this.#scene.fleet.version;
    const marks = this.#scene.openAlarms.flatMap((sos) => {
      const position = placeOf(sos, this.#scene);
      return position ? [{ id: sos.id, position }] : [];
    });
    return marks.length ? [sosLayer(marks, this.#scale, this.#palette)] : [];
  });

  /** What was found in the palette: a force where it is now, anything else where it stands. */
  readonly #found = $derived.by(() => {
    void this.#scene.fleet.version;
    const { marked } = this.#parts.mapView;
    const [lon, lat] = (marked?.kind === "force" ? this.#scene.fleet.where(marked.id) : undefined) ?? [marked?.lon ?? 0, marked?.lat ?? 0];
    return marked && { ...marked, lon, lat };
  });

  readonly #ring = $derived(this.#choice.incident ? [chosenLayer(this.#choice.incident, this.#scale, this.#palette)] : []);

  /** Every layer, the lowest first. */
  readonly layers = $derived<Layer[]>([
    ...this.#reach,
    ...this.#hexes,
    ...this.#keyAreas,
    ...this.#cones,
    ...this.#closures,
    this.#ways,
    ...this.#trail,
    ...this.#groups,
    ...this.#incidents,
    ...this.#forces,
    ...this.#ring,
    ...(this.#found ? [foundLayer(this.#found, this.#scale, this.#palette)] : []),
    ...this.#sos,
    ...this.#drawing,
  ]);

  /** Names and ages beside the candidates of the chosen incident. */
  readonly tags = $derived.by(() => {
    void this.#scene.fleet.version;
    const now = this.#parts.scenes.now;
    const label = (name: string, seenAt: number | null) =>
      `${name} · ${seenAt === null ? t("candidates.nofix") : t("candidates.seen", { age: age(now - seenAt) })}`;
    const found = this.#found;
    const named = found ? [{ id: FOUND_TAG, lon: found.lon, lat: found.lat, text: found.label, side: "right" as const }] : [];
    return [...named, ...tags(this.#scene, this.#choice, { now, staleMs: this.#staleMs, label })];
  });

  /** Takes in the queue as it is now; a flood of changes is drawn twice a second. Called from an effect. */
  follow(): void {
    this.#queue.offer(this.#scene.queue);
  }

  stop(): void {
    this.#queue.stop();
  }

  picked(info: PickingInfo): Picked | null {
    if (info.layer?.id === "forces" && this.#marks && info.index >= 0) {
      return { what: "force", id: this.#marks.ids[info.index] as number };
    }
    const incident = info.layer?.id === "incidents" ? pickedIncident(info) : undefined;
    if (incident) return { what: "incident", incident };
    if (!info.object) return null;
    if (info.layer?.id === "force-groups") return { what: "group", group: (info.object as { group: ForceGroup }).group };
    if (info.layer?.id.startsWith("closures")) return { what: "closure", closure: info.object as Closure };
    if (info.layer?.id === "hot-signs") return { what: "cell", cell: (info.object as HotSign).cell };
    return info.layer?.id.startsWith("hexes") ? { what: "cell", cell: info.object as HotCell } : null;
  }
}

/** The id of what was picked: a number for incidents and forces, an H3 cell for hotspots. */
export function idOf(picked: Picked): number | string {
  if (picked.what === "force") return picked.id;
  if (picked.what === "group") return picked.group.code;
  if (picked.what === "closure") return picked.closure.id;
  return picked.what === "incident" ? picked.incident.id : picked.cell.cell;
}
