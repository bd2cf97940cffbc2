import { beforeEach, expect, test } from "vitest";
import { language } from "../../i18n/index.svelte";
import { sumRows } from "./clocksum";

const PAUSE = { kind: "paused", begin: "2026-09-11T08:00:00Z", end: "2026-09-14T02:00:00Z", amount: 120, reason: "", days_off: ["2026-09-12", "2026-09-13"], make_up: [] };
const RAN = { ...PAUSE, kind: "ran", amount: 60, days_off: [] };
const SUM = { measure: "minute", limit: 540, extended: 120, used: 60, left: 480, paused: 120, lines: [RAN, PAUSE], first_day: null, rolled_from: null, unannounced: [] };
const CLOCK = {
  started_at: "2026-09-11T07:00:00Z",
  due_at: "2026-09-14T09:00:00Z",
  warn_at: null,
  paused_at: null,
  statutory: true,
  source: { kind: "law", cite: "民法典第二百零三条", names: { zh: "民法典", en: "Civil Code" } },
  sum: SUM,
} as unknown as Parameters<typeof sumRows>[0];
const shown = (clock: typeof CLOCK) => new Map(sumRows(clock));

beforeEach(() => {
  language.locale = "zh";
});

test("a sum names its source, limit, extension and pause, and what is used and left adds up", () => {
  const rows = shown(CLOCK);
  expect(rows.get("依据")).toBe("民法典（民法典第二百零三条）（法定，不可修改）");
  expect([rows.get("期限"), rows.get("延长"), rows.get("已用"), rows.get("剩余")]).toEqual(["7 小时 0 分", "2 小时 0 分", "1 小时 0 分", "8 小时 0 分"]);
  expect(rows.get("挂账不计")).toContain("2 小时 0 分");
  expect(rows.get("期间")).toBe("休息日 2 天，补班日 0 天");
});

test("a sum in days tells parts of a day, and what is over", () => {
  const sum = { ...SUM, measure: "day_hundredth", limit: 500, extended: 0, used: 650, left: -150, lines: [] } as typeof CLOCK.sum;
  const rows = shown({ ...CLOCK, source: null, sum });
  expect([rows.get("期限"), rows.get("超出"), rows.get("剩余"), rows.get("依据")]).toEqual(["5 天", "1.50 天", undefined, undefined]);
});
