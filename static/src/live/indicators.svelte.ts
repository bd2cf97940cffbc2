/** The indicators that are shown: all in a row, one of them in parts, and the cases behind a chosen figure. */

import { ApiError } from "../wire/client";
import type { Days, Divided, IndicatorCalls, IndicatorCase, IndicatorFigure, IndicatorRow, Indicators, IndicatorSpan, PartBy } from "../wire/indicators";
import { Fetched } from "./fetched.svelte";
import { InOrder } from "./inorder";

export const PART_BYS = ["division", "grid", "level", "unit", "category", "source"] as const satisfies readonly PartBy[];
/** Spans that one key leads to. */
export const SPANS = ["year", "last_year", "month", "last_month"] as const;
export type SpanName = (typeof SPANS)[number];
const PAGE = 50;

type Parts = { indicators: Pick<IndicatorCalls, "all" | "one" | "behind"> };
/** Whose cases are listed: of the whole or a part, those that count or all that it is of. */
export type Listed = { part: string | null; counted: boolean };

const pad = (n: number) => String(n).padStart(2, "0");

/** First and last day of a span, as seen on a day such as `2026-03-02`. */
export function daysOf(name: SpanName, today: string): { from: string; to: string } {
  const [year, month] = today.split("-").map(Number) as [number, number];
  if (name === "year") return { from: `${year}-01-01`, to: today };
  if (name === "last_year") return { from: `${year - 1}-01-01`, to: `${year - 1}-12-31` };
  if (name === "month") return { from: `${year}-${pad(month)}-01`, to: today };
  const [of, last] = month === 1 ? [year - 1, 12] : [year, month - 1];
  return { from: `${of}-${pad(last)}-01`, to: `${of}-${pad(last)}-${pad(new Date(Date.UTC(of, last, 0)).getUTCDate())}` };
}

/** How a figure differs from an earlier one: in points of a share, else as a share of it. Null where none is known. */
export function changeOf(kind: IndicatorRow["kind"], now: IndicatorFigure, then: IndicatorFigure & Pick<IndicatorSpan, "on_record">): number | null {
  if (!then.on_record || now.value === null || then.value === null || now.few || then.few) return null;
  if (kind === "rate") return (now.value - then.value) * 100;
  return then.value ? (now.value / then.value - 1) * 100 : null;
}

/** A count by its worked days: a spring festival moves between months, and a year's days are not another's. */
export function changeByDays(now: IndicatorSpan | IndicatorRow, then: IndicatorSpan): number | null {
  if (!now.value || !then.value || !now.worked_days || !then.worked_days || then.few || !then.on_record) return null;
  return (now.value / now.worked_days / (then.value / then.worked_days) - 1) * 100;
}

/** Whether a change is for the better; null where that is not said. */
export function isBetter(better: IndicatorRow["better"], change: number): boolean | null {
  if (better === "neither" || change === 0) return null;
  return change > 0 === (better === "more");
}

/** What a chart shows of months: seconds and values, the earliest first; null where nothing is known. Throws where days go back. */
export function seriesOf(kind: IndicatorRow["kind"], months: readonly IndicatorSpan[]): [number[], (number | null)[]] {
  const times = months.map(({ from }) => Date.parse(from) / 1000);
  if (times.some((time, i) => i > 0 && time <= (times[i - 1] as number))) throw new Error("days go back");
  return [times, months.map(({ value }) => (value === null ? null : kind === "rate" ? value * 100 : value))];
}

export class IndicatorView {
  readonly #parts: Parts;
  days = $state.raw<Days>({ from: null, to: null, scope: null, lines: null });
  code = $state<string | null>(null);
  by = $state<PartBy>("division");
  listed = $state.raw<Listed>({ part: null, counted: true });
  items = $state.raw<readonly IndicatorCase[] | null>(null);
  next = $state.raw<string | null>(null);
  listFailed = $state(false);
  readonly all: Fetched<Indicators>;
  readonly one: Fetched<Divided | null>;
  readonly #order = new InOrder();
  #address = "";

  constructor(parts: Parts) {
    this.#parts = parts;
    this.all = new Fetched(() => this.#parts.indicators.all(this.days));
    this.one = new Fetched(() => this.#askOne());
  }

  get chosen(): IndicatorRow | null {
    return this.all.value?.items.find(({ code }) => code === this.code) ?? null;
  }

  /** Shows other days, another division, or lines of another day. */
  async show(days: Partial<Days>): Promise<void> {
    this.days = { ...this.days, ...days };
    await this.all.ask(() => this.#parts.indicators.all(this.days));
    this.code ??= this.all.value?.items[0]?.code ?? null;
    await this.#divide();
  }

  async choose(code: string): Promise<void> {
    this.code = code;
    await this.#divide();
  }

  async divide(by: PartBy): Promise<void> {
    this.by = by;
    await this.#divide();
  }

  /** Lists the cases behind a figure. */
  async list(listed: Listed): Promise<void> {
    this.listed = listed;
    const of = listed.part === null ? this.one.value : this.one.value?.parts?.find(({ code }) => code === listed.part);
    this.#address = (of && (listed.counted ? of.cases : of.all_cases)) ?? "";
    this.items = null;
    this.#order.forget();
    await this.#read(null);
  }

  more(): Promise<void> {
    return this.next ? this.#read(this.next) : Promise.resolve();
  }

  stop(): void {
    this.all.stop();
    this.one.stop();
  }

  #askOne(): Promise<Divided | null> {
    return this.code ? this.#parts.indicators.one(this.code, this.days, this.by) : Promise.resolve(null);
  }

  async #divide(): Promise<void> {
    await this.one.ask(() => this.#askOne());
    await this.list({ part: null, counted: true });
  }

  async #read(cursor: string | null): Promise<void> {
    if (!this.#address) return;
    const asked = this.#order.ask();
    try {
      const page = await this.#parts.indicators.behind(this.#address, { limit: PAGE, cursor });
      if (!this.#order.takes(asked)) return;
      this.items = [...(cursor ? (this.items ?? []) : []), ...page.items];
      this.next = page.next ?? null;
      this.listFailed = false;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.listFailed = true;
    }
  }
}
