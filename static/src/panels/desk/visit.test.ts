/** The draft of a visit on this device. */

import { expect, it, vi } from "vitest";
import { FakeBrowser } from "../../testing/browser";
import { incident } from "../../testing/bodies";
import { Draft } from "../hall/record/draft.svelte";
import { Visit } from "./visit.svelte";

function visit(browser: FakeBrowser) {
  const register = vi.fn(() => Promise.resolve(incident(1)));
  return new Visit({ calls: { register }, platform: browser, session: { me: { id: 1 } }, draft: new Draft(), onRegistered: () => undefined });
}

it("a draft is there after a reload, with its key, though the blank form is kept before it is taken up", () => {
  const browser = new FakeBrowser();
  const before = visit(browser);
  before.start();
  before.draft.write("title", "Half a sentence");
  before.keep();
  const after = visit(browser);
  after.keep();
  after.start();
  expect([after.draft.fields.title, after.key, after.restored]).toEqual(["Half a sentence", before.key, true]);
});
