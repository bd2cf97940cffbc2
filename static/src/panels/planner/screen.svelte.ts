/** What the planner's screen has open: the tool, the level it takes hold of, the sheet, the map. */

import { createContext } from "svelte";
import { isChanged } from "../../live/figurechange";
import type { PlanDesk } from "../../live/plandesk.svelte";
import { Evening } from "../../live/evening.svelte";
import type { Session } from "../../live/session.svelte";
import type { PanelMark } from "../../map/plan/panelmarks";
import { boundsOf } from "../../map/plan/outlines";
import type { Bbox, Stage } from "../../map/stage";
import type { Position } from "../../wire/plans";
import type { PlanningCalls } from "../../wire/planning";
import { PlanViews } from "./views.svelte";

export const TOOLS = ["brush", "split", "merge", "edge", "create", "lock", "rename", "straighten", "snap"] as const;
export type Tool = (typeof TOOLS)[number];

/** A sheet over the map's edge. Add a name here, and its component in `PlannerSheet.svelte`. */
export type PlannerSheet = "help" | "compare" | "even" | "files" | "networks" | "publish";

export class PlannerScreen {
  readonly desk: PlanDesk;
  readonly #session: Pick<Session, "county">;
  tool = $state<Tool | null>(null);
  sheet = $state<PlannerSheet | null>(null);
  stage = $state.raw<Stage | null>(null);
  /** The level that was chosen, if one was. */
  #chosenLevel = $state<string | null>(null);
  /** Colours of divisions by code, where the map shows a figure; null: it shows what the plan has changed. */
  fills = $state.raw<ReadonlyMap<string, string> | null>(null);

  /** How high the bar below the map is. */
  bottomPx = $state(0);
  /** What the open panel shows on the map. */
  marks = $state.raw<readonly PanelMark[]>([]);
  /** The place of the comment that is being written, if it has one. */
  commenting = $state.raw<Position | null>(null);

  readonly views: PlanViews;
  readonly evening: Evening;

  constructor(desk: PlanDesk, session: Pick<Session, "county">, planning: PlanningCalls) {
    this.desk = desk;
    this.views = new PlanViews(planning, desk);
    this.evening = new Evening(planning);
    this.#session = session;
  }

  /** All levels of the place, from the top down. */
  get order(): readonly string[] {
    return (this.#session.county?.levels ?? []).map(({ code }) => code);
  }

  /** The levels of the open plan's lines, from the top down. */
  readonly levels = $derived.by<string[]>(() => this.desk.lines.levels((this.#session.county?.levels ?? []).map(({ code }) => code)));

  /** The level that tools take hold of: that of the grids, unless another one was chosen. */
  readonly level = $derived.by<string>(() => {
    const { levels } = this;
    if (this.#chosenLevel && levels.includes(this.#chosenLevel)) return this.#chosenLevel;
    const grid = this.#session.county?.levels.find((level) => level.grid)?.code ?? "";
    return levels.includes(grid) ? grid : (levels.at(-1) ?? "");
  });

  /** Divisions that the plan, or the preview, has changed, of the level in hand; new and ended ones among them. */
  readonly touched = $derived.by<string[]>(() => {
    const { before, after } = this.desk.shown;
    const codes = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return codes.filter((code) => this.desk.levelOf(code) === this.level && isChanged(before[code], after[code]));
  });

  /** Takes hold of a level. The root of a plan is not redrawn. */
  hold(level: string): void {
    if (this.levels.indexOf(level) > 0) this.#chosenLevel = level;
  }

  /** Takes hold of the next level down, or up. */
  step(by: 1 | -1): void {
    const next = this.levels[this.levels.indexOf(this.level) + by];
    if (next) this.hold(next);
  }

  /** The places that comments are about, and of the one being written. */
  readonly pins = $derived.by<PanelMark[]>(() => {
    const places = [...(this.desk.plan?.entries ?? []).map(({ place }) => place), this.commenting];
    return places.filter((place) => place !== null).map((coordinates) => ({ where: { type: "Point", coordinates }, tone: "said" }));
  });

  choose(tool: Tool): void {
    this.tool = this.tool === tool || !this.desk.mayDraw ? null : tool;
  }

  toggle(sheet: PlannerSheet): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }

  /** Shows divisions as large as the open part of the map allows. */
  show(codes: readonly string[]): void {
    const bounds = boundsOf(codes.flatMap((code) => this.desk.lines.get(code) ?? []));
    if (bounds) this.stage?.fit(bounds);
  }

  /** Flies to a place that is drawn: a GeoJSON geometry. */
  showWhere(where: unknown): void {
    const bounds = boundsOfGeometry(where);
    if (bounds) this.stage?.fit(bounds);
  }
}

/** West, south, east and north of a geometry, a little widened: a point has no extent. */
function boundsOfGeometry(where: unknown): Bbox | null {
  const places = placesOf((where as { coordinates?: unknown } | null)?.coordinates);
  if (!places.length) return null;
  const [lons, lats] = [places.map(([lon]) => lon), places.map(([, lat]) => lat)];
  const wider = 0.0008;
  return [Math.min(...lons) - wider, Math.min(...lats) - wider, Math.max(...lons) + wider, Math.max(...lats) + wider];
}

function placesOf(value: unknown): [number, number][] {
  if (!Array.isArray(value)) return [];
  if (typeof value[0] === "number" && typeof value[1] === "number") return [[value[0], value[1]]];
  return value.flatMap(placesOf);
}

export const [usePlanner, providePlanner] = createContext<PlannerScreen>();
