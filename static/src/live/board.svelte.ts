/** The board that is shown: figures, the chosen one, and the cases behind it. Fetched again as cases change. */

import type { Board, BoardCalls, BoardCase, BoardCell, BoardFigure, BoardTrend, By } from "../wire/board";
import { ApiError } from "../wire/client";
import { InOrder } from "./inorder";

export const BYS = ["unit", "level", "stage", "division"] as const satisfies readonly By[];
/** The figures of a row. `law` are the late ones by a clock that a law sets. */
export const COLUMNS = ["late", "law", "near", "paused", "run_out", "in_time", "open"] as const;
export type Column = (typeof COLUMNS)[number];

/** Events come in bursts; one fetch follows each. Clocks run out without an event. */
const GATHER_MS = 400;
const ASK_EVERY_MS = 20_000;
const RETRY_MS = 4000;
/** Past weeks hardly change. */
const TREND_EVERY_MS = 300_000;
const PAGE = 50;
const MOST = 1000;

/** A figure by its row and column; the row of all has no key. */
export type Chosen = { key: string | null; column: Column };

export function figureOf(cell: BoardCell, column: Column): BoardFigure {
  return column === "law" ? cell.statutory.late : cell[column];
}

/** The figure that arrows lead to, in a table of so many rows. */
export function stepped({ row, column }: { row: number; column: number }, key: string, rows: number): { row: number; column: number } | null {
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[key] ?? [0, 0];
  if (key === "Home" || key === "End") return { row, column: key === "Home" ? 0 : COLUMNS.length - 1 };
  if (!down && !right) return null;
  const within = (n: number, most: number) => Math.min(Math.max(n, 0), most - 1);
  return { row: within(row + (down ?? 0), rows), column: within(column + (right ?? 0), COLUMNS.length) };
}

/** The first figure of all that is not 0, so that a board opens on cases; that of the late ones if there are none. */
export function firstFigure({ total }: Board): Chosen {
  return { key: null, column: COLUMNS.find((column) => figureOf(total, column).count > 0) ?? "late" };
}

type Parts = { board: Pick<BoardCalls, "board" | "behind" | "trend"> };

export class BoardView {
  readonly #parts: Parts;
  /** Null until the first answer. */
  board = $state.raw<Board | null>(null);
  items = $state.raw<readonly BoardCase[] | null>(null);
  next = $state.raw<string | null>(null);
  trend = $state.raw<BoardTrend | null>(null);
  failed = $state(false);
  by = $state<By>("unit");
  scope = $state<string | null>(null);
  /** The figure whose cases are listed; null until the first answer, where nobody has chosen one. */
  chosen = $state.raw<Chosen | null>(null);
  /** Whether a person chose the figure. */
  picked = $state(false);
  /** The Monday of the week whose closed cases are listed instead of a figure's. */
  week = $state<string | null>(null);
  #address = "";
  #trendUntil = 0;
  readonly #order = new InOrder();
  #soon: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The rows: all together first. */
  get rows(): readonly BoardCell[] {
    return this.board ? [this.board.total, ...this.board.items] : [];
  }

  /** When the figures held, in milliseconds. */
  get at(): number | null {
    return this.board && Date.parse(this.board.at);
  }

  /** Shows figures by something else, or of another division; without a chosen figure, the first that is not 0. */
  show(by: By, scope: string | null = this.scope, chosen: Chosen | null = null): Promise<void> {
    if (scope !== this.scope) this.trend = null;
    this.by = by;
    this.scope = scope;
    this.chosen = chosen;
    this.picked = chosen !== null;
    this.week = null;
    this.#trendUntil = 0;
    this.#order.forget();
    this.board = null;
    this.items = null;
    this.#address = "";
    return this.refresh();
  }

  /** Chooses a figure and fetches its cases. */
  choose(chosen: Chosen): Promise<void> {
    this.chosen = chosen;
    this.picked = true;
    this.week = null;
    this.#order.forget();
    this.items = null;
    return this.refresh();
  }

  /** Chooses a week of the trend and fetches the cases that closed in it. */
  chooseWeek(monday: string): Promise<void> {
    this.week = monday;
    this.#order.forget();
    this.items = null;
    return this.refresh();
  }

  /** Fetches figures and list. */
  async refresh(): Promise<void> {
    const asked = this.#order.ask();
    try {
      const board = await this.#parts.board.board({ by: this.by, scope: this.scope });
      if (!this.#order.counts(asked)) return;
      this.chosen ??= firstFigure(board);
      const address = this.#addressOfWeek() ?? this.#addressIn(board, this.chosen);
      const limit = Math.min(Math.max(this.items?.length ?? 0, PAGE), MOST);
      const page = address ? await this.#parts.board.behind(address, { limit, cursor: null }) : { items: [], next: null };
      if (!this.#order.takes(asked)) return;
      this.#address = address;
      this.board = board;
      this.items = page.items;
      this.next = page.next ?? null;
      this.failed = false;
      this.#later(ASK_EVERY_MS);
      await this.#readTrend();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      if (!this.#order.isLast(asked)) return;
      this.failed = true;
      this.#later(RETRY_MS);
    }
  }

  /** Adds the next page to the list. */
  async more(): Promise<void> {
    if (!this.next) return;
    this.#order.forget();
    const asked = this.#order.ask();
    try {
      const page = await this.#parts.board.behind(this.#address, { limit: PAGE, cursor: this.next });
      if (!this.#order.takes(asked)) return;
      this.items = [...(this.items ?? []), ...page.items];
      this.next = page.next ?? null;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.failed = true;
    }
    this.#later(ASK_EVERY_MS);
  }

  /** A case has changed: fetch soon. */
  changed(): void {
    this.#later(GATHER_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#soon);
  }

  /** The address of the chosen figure's cases; that of before where its row is gone, which then has none. */
  #addressIn(board: Board, chosen: Chosen): string {
    const cell = [board.total, ...board.items].find(({ key }) => key === chosen.key);
    return cell ? figureOf(cell, chosen.column).cases : this.#address;
  }

  #addressOfWeek(): string | null {
    return this.trend?.weeks.find(({ monday }) => monday === this.week)?.cases ?? null;
  }

  async #readTrend(): Promise<void> {
    if (Date.now() < this.#trendUntil) return;
    this.#trendUntil = Date.now() + TREND_EVERY_MS;
    const { scope } = this;
    const trend = await this.#parts.board.trend(scope);
    if (scope === this.scope) this.trend = trend;
  }

  #later(ms: number): void {
    clearTimeout(this.#soon);
    if (!this.#stopped) this.#soon = setTimeout(() => void this.refresh(), ms);
  }
}
