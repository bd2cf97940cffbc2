import { beforeEach, describe, expect, it } from "vitest";
import { county, incident } from "../testing/bodies";
import { FakeBrowser } from "../testing/browser";
import { AppState } from "./app.svelte";

const CELL = { cell: "89309b4a5a3ffff", count: 3, expected: 1, z: 2, q: 0.01, class: "new", exposure: null, rate: null } as const;
const CALL = `GET /api/hotspots/${CELL.cell}/incidents`;

describe("the hexagon that was chosen", () => {
  let browser: FakeBrowser;
  let app: AppState;
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  beforeEach(() => {
    browser = new FakeBrowser();
    app = new AppState(browser);
    app.session.county = county;
    app.hotspotView.window = "7d";
    browser.answer(CALL, { items: [incident(2)], next: "2" });
  });

  it("lists its incidents in the window on the screen, page by page", async () => {
    app.hotspotCell.open(CELL);
    await settled();
    expect(browser.asked(CALL)).toEqual([`${CALL}?window=7d`]);
    expect([app.hotspotCell.incidents.length, app.hotspotCell.next]).toEqual([1, "2"]);
    browser.answer(CALL, { items: [incident(1)], next: null });
    app.hotspotCell.more();
    await settled();
    expect(app.hotspotCell.incidents.map(({ id }) => id)).toEqual([2, 1]);
    expect(app.hotspotCell.next).toBeNull();
  });

  it("asks for the moment that is replayed", async () => {
    app.scenes.moment = Date.parse("2026-03-01T10:00:00Z");
    app.hotspotCell.open(CELL);
    await settled();
    expect(browser.asked(CALL)[0]).toContain("at=2026-03-01T10%3A00%3A00.000Z");
  });

  it("says that its incidents did not load", async () => {
    browser.refuse(CALL, 503, "database.away");
    app.hotspotCell.open(CELL);
    await settled();
    expect([app.hotspotCell.failed, app.hotspotCell.loading]).toEqual([true, false]);
  });

  it("forgets what was on its way when it is closed", async () => {
    app.hotspotCell.open(CELL);
    app.hotspotCell.close();
    await settled();
    expect(app.hotspotCell.cell).toBeNull();
    expect(app.hotspotCell.incidents).toEqual([]);
  });
});
