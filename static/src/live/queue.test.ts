import { describe, expect, it } from "vitest";
import type { Incident } from "../wire/types";
import { queueOf, requeued } from "./queue";
import { queueOrder } from "./urgency";

const RISKS = ["low", "medium", "high"];
const STATUSES = ["registered", "assigned", "closed"];
const order = queueOrder(new Map(RISKS.map((risk, place) => [risk, place])));

/** Always the same numbers: a failure can be looked at again. */
function drawn(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

function incident(id: number, draw: (below: number) => number): Incident {
  const minute = String(draw(60)).padStart(2, "0");
  const fields = { status: STATUSES[draw(3)], risk: RISKS[draw(3)], registered_at: `2026-03-02T08:${minute}:00Z` };
  return { id, ...fields } as Incident;
}

describe("a queue that is kept in order", () => {
  it("is the queue that would be made of everything, whatever changes, comes and goes", () => {
    const draw = drawn(7);
    const incidents = new Map(Array.from({ length: 200 }, (_, id) => [id, incident(id, draw)]));
    let queue = queueOf(incidents.values(), order);
    for (let round = 0; round < 300; round++) {
      const changed = new Set(Array.from({ length: draw(6) }, () => draw(260)));
      for (const id of changed) {
        if (draw(4) === 0) incidents.delete(id);
        else incidents.set(id, incident(id, draw));
      }
      queue = requeued(queue, changed, { incidents, order });
      expect(queue).toEqual(queueOf(incidents.values(), order));
    }
  });
});
