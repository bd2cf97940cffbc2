import { beforeEach, describe, expect, it } from "vitest";
import { at, me } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { AppState } from "./app.svelte";

let browser: FakeBrowser;

function signedIn(username: string): AppState {
  const app = new AppState(browser);
  app.session.me = { ...me, username };
  return app;
}

beforeEach(() => void (browser = new FakeBrowser()));

describe("one's own incidents", () => {
  it("are those of the server's record and those that were opened here, over a reload too", async () => {
    const items = [{ id: 1, incident: 4 }, { id: 2, incident: 5 }];
    browser.answer("GET /api/shift", { since: at(-60), signed_in_at: at(-60), items, more: false });
    const app = signedIn("one");
    app.shift.opened(9);
    await app.shift.refresh();
    expect([...app.shift.mine].sort()).toEqual([4, 5, 9]);
    expect([...signedIn("one").shift.mine]).toEqual([9]);
  });

  it("are not the next person's at the desk", () => {
    signedIn("one").shift.opened(9);
    const next = signedIn("two");
    expect([...next.shift.mine]).toEqual([]);
    next.shift.opened(3);
    expect([...next.shift.mine]).toEqual([3]);
  });

  it("stay as they were while the record cannot be read, and the screen says so", async () => {
    const app = signedIn("one");
    app.shift.opened(9);
    browser.cut("GET /api/shift");
    await app.shift.refresh();
    expect([app.shift.problem, ...app.shift.mine]).toEqual(["unreachable", 9]);
  });
});
