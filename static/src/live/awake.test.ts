import { beforeEach, expect, it } from "vitest";
import { FakeBrowser } from "../testing/browser";
import { Awake } from "./awake.svelte";

let browser: FakeBrowser;
beforeEach(() => {
  browser = new FakeBrowser();
});

const settled = () => new Promise((resolve) => setTimeout(resolve));

it("holds the screen only when it is wished, again when the page comes back, and no longer than the page", async () => {
  const awake = new Awake(browser);
  const stop = awake.start();
  await settled();
  expect([awake.held, browser.awake]).toEqual([false, 0]);
  awake.toggle();
  await settled();
  expect([awake.held, browser.awake]).toEqual([true, 1]);
  browser.fallAsleep();
  expect(awake.held).toBe(false);
  browser.events.dispatchEvent(new Event("visibilitychange"));
  await settled();
  expect([awake.held, new Awake(browser).wished]).toEqual([true, true]);
  stop();
  expect([awake.held, browser.awake]).toEqual([false, 0]);
});

it("is honest where the browser refuses", async () => {
  browser.refusesAwake = true;
  const awake = new Awake(browser);
  awake.toggle();
  await settled();
  expect([awake.wished, awake.held]).toEqual([true, false]);
});
