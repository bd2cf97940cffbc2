import { describe, expect, it } from "vitest";
import { appsOf, linkTo, systemOf, type MapApp, type System } from "./mapapps";
import { metresBetween } from "./metres";

const PLACE = [120.638123, 31.158456] as const;
const there = (mode: string) => ({ lon: PLACE[0], lat: PLACE[1], name: "目的地 A&B", mode });

/** Reads a link as its app's documentation says: the place, and whether the app will correct it from WGS-84. */
const READ: Record<string, (q: URLSearchParams, link: string) => { place: [number, number]; corrects: boolean }> = {
  "amapuri:": (q) => ({ place: [Number(q.get("dlon")), Number(q.get("dlat"))], corrects: q.get("dev") === "1" }),
  "iosamap:": (q) => ({ place: [Number(q.get("dlon")), Number(q.get("dlat"))], corrects: q.get("dev") === "1" }),
  "https://uri.amap.com": (q) => ({ place: (q.get("to") ?? "").split(",").slice(0, 2).map(Number) as [number, number], corrects: q.get("coordinate") === "wgs84" }),
  "baidumap:": (q) => ({ place: latLon((q.get("destination") ?? "").replace(/^latlng:|\|.*$/g, "")), corrects: q.get("coord_type") === "wgs84" }),
  "https://api.map.baidu.com": (q) => ({ place: latLon(q.get("location") ?? ""), corrects: q.get("coord_type") === "wgs84" }),
  "geo:": (_, link) => ({ place: latLon(link.slice("geo:".length)), corrects: true }),
};

function latLon(text: string): [number, number] {
  const [lat, lon] = text.split(",").map(Number);
  return [lon as number, lat as number];
}

const CASES = (["android", "ios", "desktop"] as System[]).flatMap((system) =>
  appsOf(system).flatMap((app) => ["walk", "ebike", "car", "boat"].map((mode) => [app, system, mode] as [MapApp, System, string])),
);

describe("a link to a map app", () => {
  it.each(CASES)("%s on %s by %s leads within 2 m of the place, to be corrected once", (app, system, mode) => {
    const link = linkTo(app, system, there(mode));
    const [, read] = Object.entries(READ).find(([start]) => link.startsWith(start)) ?? [];
    const found = read?.(new URLSearchParams(link.split("?")[1]), link);
    expect(found?.corrects).toBe(true);
    expect(metresBetween(found?.place ?? [0, 0], PLACE)).toBeLessThan(2);
  });

  it("names the way of moving as the app does", () => {
    expect(linkTo("gaode", "android", there("walk"))).toContain("t=2");
    expect(linkTo("gaode", "ios", there("ebike"))).toContain("t=3");
    expect(linkTo("baidu", "ios", there("bike"))).toContain("mode=riding");
    expect(linkTo("baidu", "android", there("boat"))).toContain("mode=driving");
  });

  it("does not break at what a name holds", () => {
    expect(linkTo("gaode", "android", there("car"))).toContain("dname=%E7%9B%AE%E7%9A%84%E5%9C%B0%20A%26B");
  });
});

it.each([
  ["Mozilla/5.0 (Linux; Android 14; HUAWEI)", 5, "android"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", 5, "ios"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", 5, "ios"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", 0, "desktop"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", 10, "desktop"],
])("tells the device of %s", (userAgent, maxTouchPoints, system) => {
  expect(systemOf({ userAgent, maxTouchPoints })).toBe(system);
});
