import { describe, expect, it } from "vitest";
import type { Incident } from "../wire/types";
import { queueOrder, urgencyOf } from "./urgency";

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 8, minute)).toISOString();
const now = Date.parse(at(30));

function incident(id: number, over: Partial<Incident>): Incident {
  return { id, status: "registered", risk: "low", registered_at: at(0), first_due_at: at(60), ...over } as Incident;
}

describe("urgency", () => {
  it("is red only for what needs a hand now", () => {
    expect(urgencyOf(incident(1, { first_due_at: at(29) }), now, "high")).toBe("now");
    expect(urgencyOf(incident(1, { risk: "high" }), now, "high")).toBe("now");
    expect(urgencyOf(incident(1, {}), now, "high")).toBe("wait");
  });

  it("turns amber in the last third of the first clock", () => {
    expect(urgencyOf(incident(1, {}), Date.parse(at(41)), "high")).toBe("soon");
  });

  it("is over once somebody has the incident in hand", () => {
    expect(urgencyOf(incident(1, { status: "assigned", first_due_at: at(1) }), now, "high")).toBe("served");
    expect(urgencyOf(incident(1, { status: "closed" }), now, "high")).toBe("closed");
  });
});

describe("the queue", () => {
  it("puts the unserved first, then the graver, then the older", () => {
    const rank = new Map([["low", 0], ["medium", 1], ["high", 2]]);
    const queue = [
      incident(1, { status: "assigned", risk: "high" }),
      incident(2, { registered_at: at(5) }),
      incident(3, { registered_at: at(1) }),
      incident(4, { risk: "medium", registered_at: at(20) }),
    ];
    expect(queue.sort(queueOrder(rank)).map((one) => one.id)).toEqual([4, 3, 2, 1]);
  });
});
