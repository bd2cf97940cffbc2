/** What the hand does with the tool that is chosen: gathers a gesture, shows what it would do, and applies it. */

import type { Layer } from "@deck.gl/core";
import type { PlanDesk } from "../../../live/plandesk.svelte";
import type { Scale } from "../../../live/scale.svelte";
import { bent, edgeAt, type Edge } from "../../../map/plan/bending";
import { Drag } from "../../../map/plan/drag";
import { boundsOf, hangingOn, Outlines, rounded, type Found } from "../../../map/plan/outlines";
import { overlay, type Marked } from "../../../map/plan/overlay";
import { Sketch, type SketchKind } from "../../../map/plan/sketch";
import { PALETTES } from "../../../map/palette";
import type { Stage } from "../../../map/stage";
import type { Theme } from "../../../styles/theme.svelte";
import type { LineFeature, Operation, Position } from "../../../wire/plans";
import type { PlannerScreen, Tool } from "../screen.svelte";
import { bendOf, createOf, guidesNear, guidesOf, lassoOf, moveOf, REACH_M, splitOf, strokeOf, unitsOf } from "./operations";

/** How near the pointer must come to a corner or an edge to mean it. */
const REACH_PX = 10;
/** How far along an edge a bend reaches, each way. */
const BEND_PX = 110;
/** Steps in which a stroke is followed. */
const STEP_PX = 6;
const EQUATOR_M = 40_075_017;
const TILE_PX = 512;

/** Tools that choose divisions one by one. */
const PICKING: readonly Tool[] = ["merge", "lock", "rename", "straighten", "snap"];

/** Refusals of what is not finished yet: more drawing mends them. */
const UNFINISHED = ["plan.line_does_not_divide", "plan.nothing_there", "plan.bad_shape", "plan.changes_nothing", "plan.operation"];

export type DrawingParts = { screen: PlannerScreen; scale: Pick<Scale, "value">; theme: Pick<Theme, "value"> };

export class Drawing {
  readonly #parts: DrawingParts;
  readonly #screen: PlannerScreen;
  readonly #desk: PlanDesk;
  #stage: Stage | null = null;
  #drag: Drag | null = null;
  #sketch: Sketch | null = null;
  /** What a drag holds, the edge that it bends, and what hangs on it. */
  #held: Found | null = null;
  #edge: Edge | null = null;
  #hanging: readonly Position[] = [];
  /** The dragged lines, under the hand before any answer. */
  #band = $state.raw<readonly (readonly Position[])[]>([]);

  /** The corner or edge under the hand. */
  hand = $state.raw<Found | null>(null);
  /** Codes of the divisions chosen one by one, in that order. */
  chosen = $state.raw<readonly string[]>([]);
  /** An operation that was previewed and waits for Apply. */
  ready = $state.raw<Operation | null>(null);
  /** Whether a gesture is under way. */
  active = $state(false);
  brush = $state<"stroke" | "lasso">("stroke");
  /** Whether a drag takes along what is near it on the edge, or moves one corner alone. */
  dragging = $state<"bend" | "corner">("bend");
  splitBy = $state<"line" | "guides">("line");
  kind = $state("market");
  name = $state("");
  /** The division that is being renamed. */
  renaming = $state<string | null>(null);
  /** Vertices whose going moves the line by less than this are left out; 0: the edge becomes straight. */
  straightenM = $state(0);
  snapM = $state(20);
  guides = $state.raw<readonly Position[][]>([]);
  guidesFailed = $state(false);
  #ring: Position[] = [];

  constructor(parts: DrawingParts) {
    this.#parts = parts;
    this.#screen = parts.screen;
    this.#desk = parts.screen.desk;
  }

  readonly #outlines = $derived.by(() => new Outlines(this.#ofLevel(this.#screen.level)));
  readonly #finest = $derived.by(() => new Outlines([...this.#desk.lines.finest].flatMap((code) => this.#desk.lines.get(code) ?? [])));
  readonly #units = $derived.by(() => new Outlines(unitsOf(this.#desk.lines.all, this.#screen.level)));

  /** What lies over the lines. */
  readonly layers = $derived.by<Layer[]>(() => {
    const { lines, preview, refusal, faults } = this.#desk;
    const look = { colours: PALETTES[this.#parts.theme.value].plan, scale: this.#parts.scale.value };
    const refused: Marked[] = refusal && !(refusal.soft && UNFINISHED.includes(refusal.code)) ? [{ where: refusal.where, tone: "wrong" }] : [];
    const marked = faults.map(({ where, fault }): Marked => ({ where, tone: fault === "home" ? "notice" : "wrong" }));
    const chosen = this.chosen.flatMap((code) => lines.get(code) ?? []);
    const state = { preview: preview?.lines ?? [], known: (code: string) => lines.get(code), level: this.#screen.level };
    const guides = this.#screen.tool === "snap" || this.#screen.tool === "split" ? this.guides : [];
    const { hand } = this;
    return overlay({ ...state, band: this.#band, marked: [...marked, ...refused], chosen, hand, guides }, look);
  });

  /** The refusal to put in words: not one that more drawing mends. */
  readonly refused = $derived.by(() => {
    const { refusal } = this.#desk;
    return refusal && !(refusal.soft && UNFINISHED.includes(refusal.code)) ? refusal : null;
  });

  /** Whether something is begun that Escape, or undo, would throw away. */
  get begun(): boolean {
    return this.active || this.ready !== null || this.chosen.length > 0 || this.renaming !== null;
  }

  /** Takes a tool in hand. Returns what puts it down. Called from an effect. */
  use(stage: Stage, tool: Tool | null): () => void {
    this.#stage = stage;
    const { map } = stage;
    const put: (() => void)[] = [];
    if (tool === "edge" || tool === "straighten") put.push(this.#useDrag(stage, tool));
    if (tool === "brush") put.push(this.#useSketch(stage, this.brush));
    const along = tool === "split" && this.splitBy === "guides";
    if (tool === "split" && !along) put.push(this.#useSketch(stage, "line"));
    if (tool === "create") put.push(this.#useSketch(stage, "area"));
    if (tool && (along || PICKING.includes(tool))) {
      const click = ({ lngLat }: { lngLat: { lng: number; lat: number } }) => void this.#pick(tool, [lngLat.lng, lngLat.lat]);
      map.on("click", click);
      put.push(() => map.off("click", click));
    }
    map.doubleClickZoom[tool ? "disable" : "enable"]();
    map.boxZoom[tool ? "disable" : "enable"]();
    return () => {
      this.cancel();
      for (const down of put) down();
      this.hand = null;
    };
  }

  /** Throws away what is begun, and its preview. Returns whether there was anything. */
  cancel(): boolean {
    const { begun } = this;
    this.#drag?.cancel();
    this.#sketch?.cancel();
    this.#held = null;
    this.#hanging = [];
    this.#edge = null;
    this.#band = [];
    this.#ring = [];
    this.active = false;
    this.ready = null;
    this.chosen = [];
    this.renaming = null;
    this.#desk.forget();
    return begun;
  }

  /** Finishes a line or an area, or applies what was previewed. Returns whether there was either. */
  finish(): boolean {
    if (this.#sketch?.active && this.#screen.tool !== "brush") {
      const { places } = this.#sketch;
      this.#sketch.cancel();
      this.#sketched(places);
      return true;
    }
    if (!this.ready) return false;
    void this.#apply(this.ready);
    return true;
  }

  /** Takes a new look at what is ready: a kind, a name, a width has been chosen. */
  reconsider(): void {
    const { tool } = this.#screen;
    if (tool === "create" && this.#ring.length) this.#propose(this.#createOf(this.#ring));
    if (tool === "snap") this.#propose(this.#snapOf());
    if (tool === "straighten" && this.ready?.op === "straighten") this.#propose(this.#straightenOf(this.ready.edge));
  }

  /** Gives the chosen division a name. */
  async rename(name: string): Promise<void> {
    if (this.renaming) await this.#apply({ op: "rename", code: this.renaming, name: name.trim() });
  }

  /** Loads streets or water from a file. */
  async load(file: Pick<File, "text">): Promise<void> {
    try {
      this.guides = guidesOf(await file.text());
      this.guidesFailed = this.guides.length === 0;
    } catch {
      this.guides = [];
      this.guidesFailed = true;
    }
    this.reconsider();
  }

  #useDrag({ map }: Stage, tool: "edge" | "straighten"): () => void {
    const drag = new Drag(map, {
      onHover: (place) => void (this.hand = this.#near(place)),
      onGrab: (place) => {
        if (tool !== "edge" || this.#desk.pending) return false;
        this.#held = this.hand = this.#near(place);
        this.active = this.#held !== null;
        this.#edge = this.#held && this.dragging === "bend" ? edgeAt(this.#held, this.#finest.beside(this.#held.place)) : null;
        this.#hanging = this.#held ? hangingOn(this.#held, this.#outlines.around(this.#held.place)) : [];
        if (this.active) this.#desk.forget();
        return this.active;
      },
      onMove: (place) => this.#dragged(place),
      onDrop: (place, moved) => void this.#dropped(place, moved),
    });
    this.#drag = drag;
    return () => {
      drag.stop();
      this.#drag = null;
    };
  }

  #dragged(place: Position): void {
    if (!this.#held) return;
    const { to, on } = this.#target(place);
    this.hand = on ?? { kind: "vertex", place: to, codes: this.#held.codes, away: 0 };
    this.#band = this.#edge ? [bent(this.#edge, to, this.#bendM(to))] : this.#hanging.map((end) => [end, to]);
    this.#desk.consider(this.#moved(this.#held, to));
  }

  #moved(held: Found, to: Position): Operation {
    return this.#edge && this.#edge.line.length > 3 ? bendOf(held, bent(this.#edge, to, this.#bendM(to))) : moveOf(held, to);
  }

  #bendM(place: Position): number {
    return BEND_PX * this.#parts.scale.value * this.#metresPerPixel(place);
  }

  async #dropped(place: Position, moved: boolean): Promise<void> {
    const held = this.#held;
    const { to } = this.#target(place);
    this.#held = null;
    this.active = false;
    if (!held || !moved) return this.#letGo();
    await this.#apply(this.#moved(held, to));
    this.#letGo();
    if (this.#desk.refusal?.code === "plan.changes_nothing") this.#desk.forget();
  }

  #letGo(): void {
    this.#edge = null;
    this.#hanging = [];
    this.#band = [];
    if (!this.#desk.refusal) this.#desk.forget();
  }

  /** Where a dragged corner goes: to a corner within reach, else to where the pointer is. */
  #target(place: Position): { to: Position; on: Found | null } {
    const found = this.#outlines.near(place, this.#reachM(place), { but: this.#held ? [this.#held.place, ...this.#hanging] : [] });
    return found?.kind === "vertex" ? { to: found.place, on: found } : { to: rounded(place), on: null };
  }

  #useSketch({ map }: Stage, kind: SketchKind): () => void {
    const sketch = new Sketch(map, kind, {
      colour: PALETTES[this.#parts.theme.value].plan.sketch,
      scale: this.#parts.scale.value,
      snap: (place) => this.#near(place)?.place ?? null,
      onChange: (places) => {
        if (!this.active) this.#desk.forget();
        this.active = true;
        const operation = this.#operationOf(kind, places);
        if (operation) this.#desk.consider(operation);
      },
      onFinish: (places) => this.#sketched(places),
    });
    this.#sketch = sketch;
    return () => {
      sketch.stop();
      this.#sketch = null;
    };
  }

  #sketched(places: Position[]): void {
    this.active = false;
    const { tool } = this.#screen;
    const kind: SketchKind = tool === "split" ? "line" : tool === "create" ? "area" : this.brush;
    if (kind === "area") this.#ring = places;
    const operation = this.#operationOf(kind, places);
    if (!operation) this.#desk.forget();
    else if (kind === "area") this.#propose(operation);
    else void this.#apply(operation);
  }

  #operationOf(kind: SketchKind, places: readonly Position[]): Operation | null {
    const step = STEP_PX * this.#metresPerPixel(places[0] ?? [0, 0]);
    if (kind === "stroke") return strokeOf(places, this.#units, step);
    if (kind === "lasso") return lassoOf(places, this.#units);
    return kind === "line" ? splitOf(places, this.#outlines, step) : this.#createOf(places);
  }

  #createOf(places: readonly Position[]): Operation | null {
    const { levels, level } = this.#screen;
    const above = levels[Math.max(0, levels.indexOf(level) - 1)] as string;
    return createOf(places, this.#ofLevel(above), { kind: this.kind, name: this.name });
  }

  async #pick(tool: Tool, place: Position): Promise<void> {
    if (this.#desk.pending && tool === "lock") return;
    await this.#desk.answered();
    if (tool !== this.#screen.tool) return;
    const feature = this.#outlines.at(place);
    const code = feature?.properties.code;
    if (tool === "straighten") {
      const found = this.#near(place);
      if (found) this.#propose(this.#straightenOf(found.place));
    } else if (!feature || !code) {
      return;
    } else if (tool === "lock") {
      await this.#apply({ op: feature.properties.locked ? "unlock" : "lock", codes: [code] });
    } else if (tool === "split") {
      this.#propose(this.#splitAlongOf(feature));
    } else if (tool === "rename") {
      this.renaming = code;
    } else {
      this.#choose(code);
      this.#propose(tool === "merge" ? this.#mergeOf() : this.#snapOf());
    }
  }

  #splitAlongOf(feature: LineFeature): Operation | null {
    const bounds = boundsOf([feature]);
    const lines = bounds ? guidesNear(this.guides, bounds) : [];
    return lines.length ? { op: "split_along", code: feature.properties.code, lines, reach_m: REACH_M } : null;
  }

  #choose(code: string): void {
    this.chosen = this.chosen.includes(code) ? this.chosen.filter((one) => one !== code) : [...this.chosen, code];
  }

  #mergeOf(): Operation | null {
    return this.chosen.length > 1 ? { op: "merge", codes: [...this.chosen] } : null;
  }

  #snapOf(): Operation | null {
    const features = this.chosen.flatMap((code) => this.#desk.lines.get(code) ?? []);
    const bounds = boundsOf(features);
    const lines = bounds ? guidesNear(this.guides, bounds, this.snapM) : [];
    return lines.length ? { op: "snap", codes: [...this.chosen], lines, within_m: this.snapM } : null;
  }

  #straightenOf(edge: Position): Operation {
    return { op: "straighten", edge, reach_m: REACH_M, ...(this.straightenM && { within_m: this.straightenM }) };
  }

  #propose(operation: Operation | null): void {
    this.ready = operation;
    if (operation) this.#desk.consider(operation);
    else this.#desk.forget();
  }

  /** Applies an operation, and puts away what it was made of: not what the hand has begun since. */
  async #apply(operation: Operation): Promise<void> {
    const made = { ready: this.ready, chosen: this.chosen, renaming: this.renaming, ring: this.#ring };
    const done = await this.#desk.apply(operation);
    if (!done && operation.op !== "move") return;
    if (this.ready === made.ready) this.ready = null;
    if (this.chosen === made.chosen) this.chosen = [];
    if (this.renaming === made.renaming) this.renaming = null;
    if (this.#ring === made.ring) {
      this.#ring = [];
      this.name = "";
    }
    this.hand = null;
  }

  #near(place: Position): Found | null {
    return this.#outlines.near(place, this.#reachM(place));
  }

  #reachM(place: Position): number {
    return REACH_PX * this.#parts.scale.value * this.#metresPerPixel(place);
  }

  #metresPerPixel([, lat]: Position): number {
    const zoom = this.#stage?.map.getZoom() ?? 0;
    return (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** zoom);
  }

  #ofLevel(level: string): LineFeature[] {
    return [...this.#desk.lines.all.values()].filter(({ properties }) => properties.level === level);
  }
}
