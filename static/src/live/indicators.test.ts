/** Indicators: days, changes, series, and what is fetched for a chosen figure. */

import { describe, expect, it, vi } from "vitest";
import type { Divided, IndicatorCases, IndicatorFigure, IndicatorRow, Indicators, IndicatorSpan } from "../wire/indicators";
import { changeByDays, changeOf, daysOf, IndicatorView, isBetter, seriesOf } from "./indicators.svelte";

const figure = (value: number | null, denominator = 100, few = false): IndicatorFigure => ({ numerator: 1, denominator, value, few });
const span = (from: string, value: number | null, worked_days = 20): IndicatorSpan => ({ ...figure(value), from, to: from, worked_days, on_record: true, ninth: null, entire: null });

const then = (value: number) => ({ ...figure(value), on_record: true });

describe("spans", () => {
  it.each([
    ["year", "2026-03-02", "2026-01-01", "2026-03-02"],
    ["last_year", "2026-03-02", "2025-01-01", "2025-12-31"],
    ["month", "2026-03-02", "2026-03-01", "2026-03-02"],
    ["last_month", "2024-03-02", "2024-02-01", "2024-02-29"],
    ["last_month", "2026-01-05", "2025-12-01", "2025-12-31"],
  ] as const)("%s seen on %s", (name, today, from, to) => expect(daysOf(name, today)).toEqual({ from, to }));
});

describe("changes", () => {
  it("are points of a share, and shares of all else", () => {
    expect(changeOf("rate", figure(0.9), then(0.8))).toBeCloseTo(10);
    expect(changeOf("count", figure(30_615), then(34_711))).toBeCloseTo(-11.8);
    expect(changeOf("time", figure(76), then(200))).toBeCloseTo(-62);
  });

  it("are not told of the unknown, of none and of few", () => {
    for (const none of [figure(null), figure(0), figure(3, 3, true)]) expect(changeOf("count", figure(5), { ...none, on_record: true })).toBeNull();
  });

  it("are not told where the record had not begun: the 6 of its first weeks are no year", () => {
    expect(changeOf("count", figure(1_537), { ...then(6), on_record: false })).toBeNull();
    expect(changeByDays(span("2026-02-01", 240), { ...span("2025-02-01", 6), on_record: false })).toBeNull();
  });

  it("by worked days are none where only the holiday has moved", () => {
    expect(changeByDays(span("2026-02-01", 240, 12), span("2025-02-01", 400, 20))).toBeCloseTo(0);
  });

  it("are good or bad by the figure, not by the sign", () => {
    expect([isBetter("less", -1), isBetter("more", -1), isBetter("neither", -1), isBetter("more", 0)]).toEqual([true, false, null, null]);
  });
});

describe("series", () => {
  it("keep what is not known apart from nothing", () => {
    expect(seriesOf("rate", [span("2026-01-01", null), span("2026-02-01", 0)])[1]).toEqual([null, 0]);
  });

  it("refuse months that go back", () => {
    expect(() => seriesOf("count", [span("2026-02-01", 1), span("2026-01-01", 2)])).toThrow();
  });
});

describe("the view", () => {
  const row = (code: string) => ({ code, kind: "rate", cases: `/c/${code}?`, all_cases: `/a/${code}?` }) as IndicatorRow;
  const part = { code: "west", cases: "/c/west?", all_cases: "/a/west?" };

  function shown() {
    const all = vi.fn(() => Promise.resolve({ items: [row("one"), row("two")] } as unknown as Indicators));
    const one = vi.fn((code: string) => Promise.resolve({ ...row(code), parts: [part] } as unknown as Divided));
    const behind = vi.fn((address: string) => Promise.resolve({ items: [{ id: address.length }], next: null } as unknown as IndicatorCases));
    return { view: new IndicatorView({ indicators: { all, one, behind } }), all, one, behind };
  }

  it("opens on the first indicator and its cases", async () => {
    const { view, behind } = shown();
    await view.show({ from: "2026-01-01" });
    expect([view.code, behind.mock.calls[0]?.[0]]).toEqual(["one", "/c/one?"]);
  });

  it("lists the cases of a part, those that count or all", async () => {
    const { view, behind } = shown();
    await view.show({});
    await view.list({ part: "west", counted: false });
    expect(behind.mock.calls.at(-1)?.[0]).toBe("/a/west?");
  });

  it("divides the chosen indicator anew", async () => {
    const { view, one } = shown();
    await view.show({});
    await view.choose("two");
    await view.divide("unit");
    expect(one.mock.calls.at(-1)?.slice(0, 1)).toEqual(["two"]);
    expect(view.by).toBe("unit");
  });
});
