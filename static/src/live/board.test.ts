/** The board: which figure arrows lead to, and what is fetched for a chosen one. */

import { describe, expect, it, vi } from "vitest";
import type { Board, BoardCase, BoardCell, BoardPage, BoardTrend } from "../wire/board";
import { ApiError } from "../wire/client";
import { BoardView, COLUMNS, figureOf, stepped } from "./board.svelte";

const figure = (count: number, cases: string) => ({ count, cases });
function cell(key: string | null, late: number): BoardCell {
  const at = (name: string, n: number) => figure(n, `/api/board/late?unit=${key ?? ""}&standing=${name}`);
  const clocks = { late: at("late&clock=statutory", 0), near: at("near&clock=statutory", 0) };
  return { key, name: key, open: at("open", late), late: at("late", late), near: at("near", 0), paused: at("paused", 0), run_out: at("open", 0), in_time: at("in_time", 0), statutory: clocks, local: clocks };
}
const board = (items: BoardCell[]): Board => ({ at: "2026-03-02T02:00:00Z", scope: "1", by: "unit", total: cell(null, 3), items });
const page = (...ids: number[]): BoardPage => ({ items: ids.map((id) => ({ id }) as BoardCase), at: "2026-03-02T02:00:00Z", next: null });

function shown({ boards = [board([cell("a", 2), cell("b", 1)])], pages = [page(1)] } = {}) {
  const asked = vi.fn(() => Promise.resolve(boards.length > 1 ? boards.shift()! : boards[0]!));
  const behind = vi.fn<(address: string, options: { limit: number; cursor: string | null }) => Promise<BoardPage>>(() => Promise.resolve(pages.length > 1 ? pages.shift()! : pages[0]!));
  const trend = vi.fn<() => Promise<BoardTrend>>(() => Promise.resolve({ at: "2026-03-02T02:00:00Z", scope: "1", weeks: [] }));
  const view = new BoardView({ board: { board: asked, behind, trend } });
  return { view, asked, behind, trend };
}

describe("arrows", () => {
  it.each([
    [[0, 0], "ArrowUp", [0, 0]],
    [[0, 0], "ArrowDown", [1, 0]],
    [[2, 1], "ArrowDown", [2, 1]],
    [[1, COLUMNS.length - 1], "ArrowRight", [1, COLUMNS.length - 1]],
    [[1, 0], "ArrowLeft", [1, 0]],
    [[1, 2], "Home", [1, 0]],
    [[1, 2], "End", [1, COLUMNS.length - 1]],
  ])("lead from %j by %s to %j", ([row, column], key, [toRow, toColumn]) => {
    expect(stepped({ row: row!, column: column! }, key, 3)).toEqual({ row: toRow, column: toColumn });
  });

  it("leave other keys alone", () => expect(stepped({ row: 0, column: 0 }, "x", 3)).toBeNull());
});

describe("the weeks", () => {
  it("list the cases that closed in one, until a figure is chosen", async () => {
    const { view, behind, trend } = shown();
    const closed = "/api/board/closed?monday=2026-02-23";
    trend.mockResolvedValue({ at: "2026-03-02T02:00:00Z", scope: "1", weeks: [{ monday: "2026-02-23", closed: 2, on_time: 1, cases: closed, goes_on: false }] });
    await view.show("unit");
    await view.chooseWeek("2026-02-23");
    await view.refresh();
    expect([view.week, behind.mock.calls.at(-1)?.[0]]).toEqual(["2026-02-23", closed]);
    await view.choose({ key: "a", column: "late" });
    expect([view.week, behind.mock.calls.at(-1)?.[0]]).toEqual([null, "/api/board/late?unit=a&standing=late"]);
    view.stop();
  });

  it("are read once for a division, not with every refresh", async () => {
    const { view, trend } = shown();
    await view.show("unit");
    await view.refresh();
    expect(trend).toHaveBeenCalledTimes(1);
    await view.show("division", "2");
    expect(trend.mock.calls).toEqual([[null], ["2"]]);
    view.stop();
  });
});

describe("a chosen figure", () => {
  it("opens the address that came with it, and keeps it when its row is gone", async () => {
    const { view, behind } = shown({ boards: [board([cell("a", 2)]), board([cell("a", 2)]), board([])], pages: [page(1), page(2), page()] });
    await view.show("unit");
    await view.choose({ key: "a", column: "law" });
    expect([view.items?.map(({ id }) => id), behind.mock.calls.at(-1)?.[0]]).toEqual([[2], "/api/board/late?unit=a&standing=late&clock=statutory"]);
    await view.refresh();
    expect([view.items, behind.mock.calls.at(-1)?.[0]]).toEqual([[], "/api/board/late?unit=a&standing=late&clock=statutory"]);
    view.stop();
  });

  it.each([
    [{ late: 3, near: 1 }, "late"],
    [{ late: 0, near: 2 }, "near"],
    [{ late: 0, near: 0, in_time: 5 }, "in_time"],
    [{ late: 0, near: 0 }, "late"],
  ] as const)("is at first the first of all that is not 0: of %j, %s", async (counts, column) => {
    const total = { ...cell(null, 0), ...Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, figure(n, `/of/${name}`)])) };
    const { view, behind } = shown({ boards: [{ ...board([]), total }] });
    await view.show("unit");
    expect([view.chosen, view.picked]).toEqual([{ key: null, column }, false]);
    expect(behind.mock.calls[0]?.[0]).toBe(figureOf(total, column).cases);
    view.stop();
  });

  it("is the one chosen last when answers cross", async () => {
    const { view } = shown({ pages: [page(7)] });
    await view.show("unit");
    const first = view.choose({ key: "a", column: "late" });
    await Promise.all([first, view.choose({ key: "b", column: "late" })]);
    expect([view.chosen?.key, view.items?.length]).toEqual(["b", 1]);
    view.stop();
  });

  it("stays with its age when the server does not answer", async () => {
    const { view, asked } = shown();
    await view.show("unit");
    asked.mockRejectedValueOnce(new ApiError(0, "unreachable"));
    await view.refresh();
    expect([view.failed, view.at, view.items?.length]).toEqual([true, Date.parse("2026-03-02T02:00:00Z"), 1]);
    view.stop();
  });
});

it("the late ones by law are those of statutory clocks", () => {
  expect(figureOf(cell("a", 2), "law").cases).toContain("clock=statutory");
});
