/**
 * Links that hand the way over to a map app. Pure.
 *
 * Every link has the place as it is here, WGS-84, and says so: the app corrects it once. A place that is corrected here
 * and flagged there as well would be corrected twice, by half a kilometre.
 */

export type MapApp = "gaode" | "baidu" | "other";
export type System = "android" | "ios" | "desktop";
export type Destination = { lon: number; lat: number; name: string; mode: string };

/** How each app calls a mode of travel; a boat and a motorbike go as a car does. */
const MODES: Readonly<Record<string, { gaode: string; gaodeWeb: string; baidu: string }>> = {
  walk: { gaode: "2", gaodeWeb: "walk", baidu: "walking" },
  bike: { gaode: "3", gaodeWeb: "ride", baidu: "riding" },
  ebike: { gaode: "3", gaodeWeb: "ride", baidu: "riding" },
};
const BY_CAR = { gaode: "0", gaodeWeb: "car", baidu: "driving" };

const SOURCE = "maplebridge";

/** Which kind of device a browser says it runs on. An iPad says that it is a Mac, with fingers. */
export function systemOf({ userAgent, maxTouchPoints }: Pick<Navigator, "userAgent" | "maxTouchPoints">): System {
  if (/android|harmony/i.test(userAgent)) return "android";
  return /iphone|ipad|ipod/i.test(userAgent) || (/macintosh/i.test(userAgent) && maxTouchPoints > 1) ? "ios" : "desktop";
}

/** The apps that a device can be expected to have: iOS knows no `geo:`. */
export function appsOf(system: System): readonly MapApp[] {
  return system === "ios" ? ["gaode", "baidu"] : ["gaode", "baidu", "other"];
}

export function linkTo(app: MapApp, system: System, { lon, lat, name, mode }: Destination): string {
  const [x, y] = [lon.toFixed(6), lat.toFixed(6)];
  const words = MODES[mode] ?? BY_CAR;
  if (app === "other") return `geo:${y},${x}`;
  if (app === "baidu") {
    const there = { destination: `latlng:${y},${x}|name:${name}`, coord_type: "wgs84", mode: words.baidu };
    if (system === "desktop") return query("https://api.map.baidu.com/marker", { location: `${y},${x}`, title: name, content: name, output: "html", coord_type: "wgs84", src: SOURCE });
    return query("baidumap://map/direction", { ...there, src: SOURCE });
  }
  if (system === "desktop") return query("https://uri.amap.com/navigation", { to: `${x},${y},${name}`, mode: words.gaodeWeb, coordinate: "wgs84", src: SOURCE });
  const there = { sourceApplication: SOURCE, dlat: y, dlon: x, dname: name, dev: "1", t: words.gaode };
  return query(system === "ios" ? "iosamap://path" : "amapuri://route/plan/", there);
}

/** Apps read `%20` everywhere, and `+` not always as a space. */
function query(address: string, values: Readonly<Record<string, string>>): string {
  return `${address}?${Object.entries(values).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;
}
