import { describe, expect, it } from "vitest";
import { admit, AT_MOST, WINDOW_MS, type Alarm, type AlarmLog } from "./alarms";

const alarm = (id: number, over: Partial<Alarm> = {}): Alarm => ({ kind: "overdue", critical: false, ids: [id], ...over });

function flood(alarms: Alarm[]): AlarmLog {
  return alarms.reduce<AlarmLog>((log, one, i) => admit(log, one, i * 1000), []);
}

describe("a flood of alarms", () => {
  it("reaches the operator at most ten times in ten minutes", () => {
    const log = flood(Array.from({ length: 40 }, (_, i) => alarm(i + 1)));
    expect(log.filter((entry) => entry.admitted)).toHaveLength(AT_MOST);
  });

  it("never holds a critical one back", () => {
    const many = Array.from({ length: 40 }, (_, i) => alarm(i + 1));
    const log = admit(flood(many), alarm(99, { kind: "high_risk", critical: true }), 41_000);
    expect(log.at(-1)).toMatchObject({ kind: "high_risk", admitted: true });
  });

  it("counts the same alarm once", () => {
    expect(flood([alarm(1), alarm(1), alarm(1)])).toHaveLength(1);
  });

  it("is forgotten after ten minutes", () => {
    const log = admit(flood([alarm(1)]), alarm(2), WINDOW_MS + 1);
    expect(log.map((entry) => entry.newest)).toEqual([2]);
  });
});
