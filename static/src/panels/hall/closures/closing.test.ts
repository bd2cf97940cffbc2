/** What is drawn becomes a closure with its end; a refusal keeps the drawing. */

import { describe, expect, it } from "vitest";
import { useTimeZone } from "../../../i18n/format";
import { NOW } from "../../../testing/bodies";
import { ApiError } from "../../../wire/client";
import type { NewClosure } from "../../../wire/types";
import { Closing, closedTo } from "./closing.svelte";

function started(refusal: ApiError | null = null) {
  const sent: NewClosure[] = [];
  const calls = {
    closeRoads: (body: NewClosure) => {
      sent.push(body);
      return refusal ? Promise.reject(refusal) : Promise.resolve({} as never);
    },
    liftClosure: () => Promise.resolve({} as never),
  };
  const closing = new Closing({ scenes: { now: NOW }, calls });
  closing.begin();
  closing.add(120.6, 31.1);
  return { closing, sent };
}

describe("closing", () => {
  it("needs two points of a line, three of an area, and a reason", () => {
    const { closing } = started();
    closing.reason = "塌方";
    expect(closing.ready).toBe(false);
    closing.add(120.61, 31.1);
    expect(closing.ready).toBe(true);
    closing.drawn = "polygon";
    expect(closing.ready).toBe(false);
    closing.add(120.61, 31.11);
    closing.reason = " ";
    expect(closing.ready).toBe(false);
  });

  it("sends the end by the county's clock", async () => {
    useTimeZone("Asia/Shanghai");
    const ends = { hour: "2026-03-02T09:30:00.000Z", today: "2026-03-02T16:00:00.000Z", lifted: undefined };
    for (const until of ["hour", "today", "lifted"] as const) {
      const { closing, sent } = started();
      closing.add(120.61, 31.1);
      Object.assign(closing, { until, reason: "集市", to: "motor" });
      await closing.close();
      expect(sent[0]?.ends_at).toBe(ends[until]);
      expect(sent[0]?.modes).toEqual(["motorbike", "car"]);
      expect([closing.drawing, closing.points]).toEqual([false, []]);
    }
  });

  it("keeps the drawing after a refusal, and says why", async () => {
    const { closing } = started(new ApiError(422, "closure.crosses_itself"));
    closing.add(120.61, 31.1);
    closing.reason = "积水";
    await closing.close();
    expect([closing.problem, closing.points.length, closing.drawing, closing.sending]).toEqual(["closure.crosses_itself", 2, true, false]);
    closing.undo();
    expect([closing.problem, closing.points.length]).toEqual([null, 1]);
  });

  it("tells motor vehicles from everyone", () => {
    expect(closedTo({ modes: ["car", "motorbike"] })).toBe("motor");
    expect(closedTo({ modes: ["car", "ebike"] })).toBe("all");
  });
});
