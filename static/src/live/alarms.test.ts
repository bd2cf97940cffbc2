import { describe, expect, it } from "vitest";
import { ALARMS, AT_MOST, callAt, EVERY_MS, silent, soundOf, WINDOW_MS, type AlarmKind, type Call, type Standing } from "./alarms";

type Flooded = { second: number; call: Call }[];

/** Lets alarms stand as `standing` says for each second, and returns the calls. */
function through(seconds: number, standing: (second: number) => Standing[]): Flooded {
  let log = silent(0);
  const calls: Flooded = [];
  for (let second = 0; second < seconds; second++) {
    const next = callAt(log, standing(second), second * 1000);
    log = next.log;
    if (next.call) calls.push({ second, call: next.call });
  }
  return calls;
}

/** The most calls in any ten minutes. */
function mostInTenMinutes(calls: Flooded): number {
  return Math.max(...calls.map(({ second }) => calls.filter((one) => one.second >= second && one.second < second + WINDOW_MS / 1000).length));
}

const CRITICAL_EVERY = 7;
const told = (call: Call, kind: AlarmKind) => call.fresh.find((one) => one.kind === kind)?.n ?? 0;

/** 300 incidents in ten minutes, one every two seconds: every seventh of high risk, and of the rest some are declined, not
 * answered or late. Each stands for `lasting` seconds. */
function flood(lasting: number): (second: number) => Standing[] {
  const kinds: AlarmKind[] = ["declined", "unanswered", "overdue", "differs", "overdue"];
  const kindOf = (id: number): AlarmKind => (id % CRITICAL_EVERY ? (kinds[id % kinds.length] as AlarmKind) : "high_risk");
  const all = Array.from({ length: 300 }, (_, i) => ({ id: i + 1, from: 2 * i, kind: kindOf(i + 1) }));
  return (second) => {
    const there = all.filter(({ from }) => from <= second && second < from + lasting);
    return (Object.keys(ALARMS) as AlarmKind[]).map((kind) => ({ kind, ids: there.filter((one) => one.kind === kind).map(({ id }) => id) }));
  };
}

describe("a flood of 300 incidents in ten minutes", () => {
  const HOUR = 3600;
  const calls = through(HOUR, flood(HOUR));

  it("calls the operator at most ten times in any ten minutes", () => {
    expect(mostInTenMinutes(calls)).toBeLessThanOrEqual(AT_MOST);
  });

  it("tells of every critical incident, each within a minute and a half", () => {
    expect(calls.reduce((n, { call }) => n + told(call, "high_risk"), 0)).toBe(Math.floor(300 / CRITICAL_EVERY));
    let heard = 0;
    for (const { second, call } of calls) {
      const waited = told(call, "high_risk") ? second - 2 * (CRITICAL_EVERY * (heard + 1) - 1) : 0;
      expect(waited * 1000).toBeLessThanOrEqual(EVERY_MS + 1000);
      heard += told(call, "high_risk");
    }
  });

  it("tells of the rest too, once there is room", () => {
    expect(calls.reduce((n, { call }) => n + call.fresh.reduce((sum, one) => sum + one.n, 0), 0)).toBe(300);
  });

  it("keeps to ten while alarms go as fast as they come", () => {
    expect(mostInTenMinutes(through(HOUR, flood(5)))).toBeLessThanOrEqual(AT_MOST);
  });
});

describe("a call", () => {
  const overdue = (ids: number[]): Standing => ({ kind: "overdue", ids });
  const grave = (ids: number[]): Standing => ({ kind: "high_risk", ids });

  it("is made at once for a critical alarm, though all that is less serious has used its calls", () => {
    const calls = through(60, (second) => [overdue(Array.from({ length: second + 1 }, (_, i) => i)), grave(second >= 30 ? [99] : [])]);
    expect(calls.find(({ call }) => call.critical)?.second).toBe(30);
  });

  it("is made once for one alarm, and again when it comes back", () => {
    const calls = through(400, (second) => (second < 100 || second > 300 ? [grave([1])] : []));
    expect(calls.map(({ second }) => second)).toEqual([0, 301]);
  });

  it("sounds as its most serious kind, and a report that came again is silent", () => {
    const call = (...kinds: AlarmKind[]): Call => ({ fresh: kinds.map((kind) => ({ kind, n: 1 })), critical: false });
    expect([soundOf(call("high_risk", "overdue")), soundOf(call("declined")), soundOf(call("differs"))]).toEqual(["urgent", "attend", null]);
  });
});
