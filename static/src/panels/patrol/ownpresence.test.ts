import { beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../wire/client";
import { OwnPresence } from "./ownpresence.svelte";

let hidden = false;
let fails = false;
let told: unknown[];
let events: EventTarget;
let own: OwnPresence;

beforeEach(() => {
  [hidden, fails, told, events] = [false, false, [], new EventTarget()];
  const tellPresence = (said: unknown) => {
    told.push(said);
    return fails ? Promise.reject(new ApiError(0, "unreachable")) : Promise.resolve({} as never);
  };
  const notifications = { hidden: () => hidden } as never;
  own = new OwnPresence({ calls: { tellPresence }, platform: { events, notifications } });
});

describe("what a phone's page says of itself", () => {
  it("says once that it has a task, and again when it is hidden and comes back", async () => {
    const stop = own.start();
    await own.has(5);
    await own.has(5);
    hidden = true;
    events.dispatchEvent(new Event("visibilitychange"));
    hidden = false;
    events.dispatchEvent(new Event("visibilitychange"));
    expect(told).toEqual([
      { state: "front", task: 5 },
      { state: "background", task: 5 },
      { state: "front", task: 5 },
    ]);
    stop();
    hidden = true;
    events.dispatchEvent(new Event("visibilitychange"));
    expect(told).toHaveLength(3);
  });

  it("says so when it is left, and repeats what was not heard", async () => {
    own.start();
    fails = true;
    await own.has(null);
    fails = false;
    await own.has(null);
    events.dispatchEvent(new Event("pagehide"));
    expect(told).toEqual([
      { state: "front", task: null },
      { state: "front", task: null },
      { state: "background", task: null },
    ]);
  });
});
