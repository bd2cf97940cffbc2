/** How the planner looks at lines: before and after a handle, on another day, coloured by a figure. */

import { classesOf, classOf, coloursOf, type Classes } from "../../live/choropleth";
import { FIGURES, type FigureName } from "../../live/figurechange";
import type { PlanDesk } from "../../live/plandesk.svelte";
import { ApiError } from "../../wire/client";
import type { PlanningCalls } from "../../wire/planning";
import type { Compared, LineFeature, Lines } from "../../wire/plans";

type Calls = Pick<PlanningCalls, "baseLines" | "linesOn" | "figuresOf">;

/** Lines that stand beside the plan's: the day that they are of, and what changed on it. */
export type Beside = { key: string; day: string; byCode: ReadonlyMap<string, LineFeature>; changed: readonly string[] };

const byCode = ({ features }: Lines): ReadonlyMap<string, LineFeature> => new Map(features.map((one) => [one.properties.code, one]));

export class PlanViews {
  readonly #calls: Calls;
  readonly #desk: PlanDesk;
  /** Whether a handle parts the map: other lines left of it. */
  swipe = $state(false);
  /** Where the handle stands, as a share of the map's width. */
  at = $state(0.5);
  beside = $state.raw<Beside | null>(null);
  problem = $state<string | null>(null);
  /** The figure that colours the map. */
  figure = $state<FigureName | null>(null);
  side = $state<"before" | "after">("after");
  #figures = $state.raw<(Compared & { key: string }) | null>(null);
  #wanted = "";

  constructor(calls: Calls, desk: PlanDesk) {
    this.#calls = calls;
    this.#desk = desk;
  }

  /** Parts the map, with the lines that the plan begins with on the left, or makes it one again. */
  async toggleSwipe(): Promise<void> {
    const { plan } = this.#desk;
    if (this.swipe) return void (this.swipe = false);
    if (!plan) return;
    await this.#show(`plan ${plan.id} ${plan.base_day}`, plan.base_day, [], () => this.#calls.baseLines(plan.id));
  }

  /** Shows the lines of a day left of the handle. */
  async showDay(division: string, day: string, changed: readonly string[]): Promise<void> {
    await this.#show(`${division} ${day}`, day, changed, () => this.#calls.linesOn(division, day));
  }

  /** Colours the map by a figure; null: by what the plan has changed. */
  choose(figure: FigureName | null): void {
    this.figure = figure;
  }

  toggleFigure(): void {
    this.figure = this.figure ? null : "load_deviation";
  }

  /** Loads figures of all divisions of a level, once for each state of the plan. */
  async loadFigures(level: string): Promise<void> {
    const { plan } = this.#desk;
    if (!plan || !level) return;
    const key = `${plan.id} ${plan.version} ${level}`;
    if (this.#figures?.key === key) return;
    await this.#try(async () => {
      const found = await this.#calls.figuresOf(plan.id, level);
      if (this.#desk.plan?.id === plan.id) this.#figures = { ...found, key };
    });
  }

  readonly values = $derived.by<{ before: ReadonlyMap<string, number | null>; after: ReadonlyMap<string, number | null> } | null>(() => {
    const { figure } = this;
    const found = this.#figures;
    if (!figure || !found) return null;
    const of = (rows: Compared["after"]) => new Map(Object.entries(rows).map(([code, row]) => [code, row[figure]]));
    return { before: of(found.before), after: of(found.after) };
  });

  /** Classes over both sides, so that the same colour is the same figure before and after. */
  readonly classes = $derived.by<Classes | null>(() => {
    const { values, figure } = this;
    if (!values) return null;
    return classesOf([...values.before.values(), ...values.after.values()], { diverging: figure === "load_deviation" });
  });

  /** The class of each division, and those whose figure is not known. */
  coloured(side: "before" | "after", ramp: readonly string[]): { fills: ReadonlyMap<string, string>; unknown: string[] } {
    const { values, classes } = this;
    if (!values || !classes) return { fills: new Map(), unknown: [] };
    const colours = coloursOf(classes);
    const fills = new Map<string, string>();
    const unknown: string[] = [];
    for (const [code, value] of values[side]) {
      const at = classOf(value, classes);
      if (at === null) unknown.push(code);
      else fills.set(code, ramp[colours[at] as number] as string);
    }
    return { fills, unknown };
  }

  /** A plan was closed, or another one opened. */
  forget(): void {
    this.swipe = false;
    this.beside = null;
    this.figure = null;
    this.#figures = null;
    this.#wanted = "";
  }

  async #show(key: string, day: string, changed: readonly string[], ask: () => Promise<Lines>): Promise<void> {
    this.#wanted = key;
    this.swipe = true;
    if (this.beside?.key === key) return;
    await this.#try(async () => {
      const lines = await ask();
      if (this.#wanted === key) this.beside = { key, day, byCode: byCode(lines), changed };
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.code;
    }
  }
}

/** Figures that a map can show: those of each division. */
export const MAPPED = FIGURES;
