/** Registrations that wait for the server: sent under one key until they are answered, and kept on the device. */

import { describe, expect, it, vi } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { incident } from "../testing/bodies";
import { ApiError } from "../wire/client";
import type { NewIncident } from "../wire/types";
import { Outbox } from "./outbox.svelte";

const body = { source: "window", category: "dispute.family", title: "A quarrel", address: "East gate" } as NewIncident;
const NEVER = () => new Promise<void>(() => undefined);

/** An outbox whose server gives these answers, one after the other. */
function outbox(answers: (ApiError | "made")[], { browser = new FakeBrowser(), wait = NEVER, user = 1 } = {}) {
  const register = vi.fn((_: NewIncident, key: string) => {
    const answer = answers.shift() ?? "made";
    return answer === "made" ? Promise.resolve(incident(7, { case_code: key })) : Promise.reject(answer);
  });
  const registered = vi.fn();
  const box = new Outbox({ calls: { register }, platform: browser, session: { me: { id: user } } }, registered, wait);
  return { box, register, registered, browser };
}

const lost = () => new ApiError(0, "unreachable");

describe("a registration", () => {
  it("that is pressed three times is sent once", async () => {
    const { box, register, registered } = outbox([]);
    await Promise.all([box.send("k1", body, 0), box.send("k1", body, 0), box.send("k1", body, 0)]);
    expect([register.mock.calls.length, registered.mock.calls.length, box.items]).toEqual([1, 1, []]);
  });

  it("whose answer is lost is sent again under the same key until it is answered", async () => {
    const { box, register, registered } = outbox([lost(), new ApiError(503, "database.away"), "made"], { wait: () => Promise.resolve() });
    expect(await box.send("k1", body, 0)).toBe("waiting");
    await vi.waitFor(() => expect(registered).toHaveBeenCalledOnce());
    expect(register.mock.calls).toEqual([[body, "k1"], [body, "k1"], [body, "k1"]]);
    expect(box.items).toEqual([]);
  });

  it("outlives the page, a sign-out and a closed browser, for its own account alone", async () => {
    const { box, browser } = outbox([new ApiError(401, "session.missing")]);
    await box.send("k1", body, 0);
    const other = outbox([], { browser, user: 2 });
    other.box.start(Date.now());
    expect(other.box.items).toEqual([]);
    const again = outbox([], { browser });
    again.box.start(Date.now());
    await vi.waitFor(() => expect(again.registered).toHaveBeenCalledWith(expect.anything(), "k1"));
  });

  it("that is refused waits for a correction, and is not sent again by itself", async () => {
    const refusal = new ApiError(422, "invalid", { errors: [{ field: "lon", code: "outside" }] });
    const { box, register } = outbox([refusal]);
    expect(await box.send("k1", body, 0)).toBe("refused");
    box.retry();
    expect([register.mock.calls.length, box.get("k1")?.state, box.get("k1")?.code]).toEqual([1, "refused", "invalid"]);
    expect(box.take("k1")?.body).toEqual(body);
    expect(box.items).toEqual([]);
  });

  it("says when this browser keeps nothing", async () => {
    const browser = new FakeBrowser();
    browser.storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const { box } = outbox([lost()], { browser });
    await box.send("k1", body, 0);
    expect([box.unkept, box.items.length]).toEqual([true, 1]);
  });
});
