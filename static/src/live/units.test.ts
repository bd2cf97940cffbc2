import { expect, test, vi } from "vitest";
import { language } from "../i18n/index.svelte";
import { ApiError } from "../wire/client";
import type { Unit } from "../wire/cases";
import { Units } from "./units.svelte";

const unit = (code: string, name: string, name_en: string): Unit => ({ code, name, name_en, level: "town", kind: "centre", centre: true, accepts: true, specialities: [] });
const CENTRE = unit("C320509", "吴江区综治中心", "Wujiang centre");

function unitsWith(unitsOf: (codes: readonly string[]) => Promise<Unit[]>): Units {
  return new Units({ divisions: { get: () => undefined }, cases: { units: () => Promise.resolve([]), unitsOf } });
}

test("names that lists need are asked for once and together, and stand in the language in use", async () => {
  const asked = vi.fn((codes: readonly string[]) => Promise.resolve([CENTRE].filter((one) => codes.includes(one.code))));
  const units = unitsWith(asked);

  expect([units.name("C320509"), units.name("gone"), units.name("C320509")]).toEqual(["", "", ""]);
  await vi.waitFor(() => expect(units.name("C320509")).toBe("吴江区综治中心"));

  expect(asked.mock.calls).toEqual([[["C320509", "gone"]]]);
  expect(units.name("gone"), "a unit that the server does not name keeps its code").toBe("gone");
  language.locale = "en";
  expect(units.name("C320509", { C320509: "吴江区综治中心" })).toBe("Wujiang centre");
});

test("a name that came with a case stands until the register answers", () => {
  const units = unitsWith(() => new Promise(() => undefined));

  expect(units.name("C320509", { C320509: "吴江区综治中心" })).toBe("吴江区综治中心");
});

test("names are asked for again after the server could not be reached, and not after it refused", async () => {
  for (const [status, times] of [
    [0, 2],
    [403, 1],
  ] as const) {
    const asked = vi.fn(() => Promise.reject(new ApiError(status, "no")));
    const units = unitsWith(asked);
    units.name("C320509");
    await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
    await new Promise<void>((done) => queueMicrotask(done));
    units.name("C320509");
    await new Promise<void>((done) => queueMicrotask(done));

    expect(asked).toHaveBeenCalledTimes(times);
  }
});

test("a place without a register asks for no names", async () => {
  const asked = vi.fn(() => Promise.resolve([]));
  const units = new Units({
    divisions: { get: (code) => (code === "320509" ? ({ code, name: "吴江区" } as never) : undefined) },
    cases: { units: () => Promise.resolve([]), unitsOf: asked },
  });

  expect([units.name("centre.320509"), units.name("centre.1")]).toEqual(["吴江区", "centre.1"]);
  await Promise.resolve();

  expect(asked).not.toHaveBeenCalled();
});
