/** Every call the screens make, by name. */

import { call } from "./client";
import type {
  Camera,
  Candidates,
  County,
  DivisionName,
  Force,
  Found,
  Incident,
  Me,
  NearCamera,
  OwnTask,
  Page,
  Snapshot,
  Strip,
  Task,
  TaskStep,
  TimelineEntry,
} from "./types";

export type FixIn = {
  force: number;
  at: string;
  lon: number;
  lat: number;
  accuracy_m: number | null;
  speed_mps: number | null;
  heading: number | null;
};

type Query = Record<string, string | number | boolean | null | undefined>;

function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
  return pairs.length ? `${path}?${search}` : path;
}

/** One key per intent, so that a repeated request cannot act twice. */
function freshKey(): string {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
}

export const signIn = (username: string, password: string) =>
  call<unknown>("POST", "/api/session", { body: { username, password } });
export const signOut = () => call<void>("DELETE", "/api/session");
/** Whoever is signed in, undefined where nobody is. */
export const signedIn = () => call<Me | undefined>("GET", "/api/session");
export const county = () => call<County>("GET", "/api/county");
export const divisions = (levels: readonly string[]) =>
  call<{ items: DivisionName[] }>("GET", withQuery("/api/divisions", { levels: levels.join(",") }));

export const snapshot = (query: { scope?: string; wall?: boolean; window?: string; res?: number; category?: string | null } = {}) =>
  call<Snapshot>("GET", withQuery("/api/snapshot", query));
export const replay = (at: string, signal?: AbortSignal) =>
  call<Snapshot>("GET", withQuery("/api/replay", { at }), { signal });
export const strip = (hours: number) => call<Strip>("GET", withQuery("/api/replay/strip", { hours }));

export const incident = (id: number) => call<Incident>("GET", `/api/incidents/${id}`);
export const closeIncident = (id: number, version: number, note: string) =>
  call<Incident>("POST", `/api/incidents/${id}/close`, { body: { note }, ifMatch: version, key: freshKey() });
export const timeline = (id: number) => call<{ items: TimelineEntry[] }>("GET", `/api/incidents/${id}/timeline`);
export const candidates = (id: number, limit = 9) =>
  call<Candidates>("GET", withQuery(`/api/incidents/${id}/candidates`, { limit }));
export const nearCameras = (id: number, limit = 5) =>
  call<{ items: NearCamera[] }>("GET", withQuery(`/api/incidents/${id}/cameras`, { limit }));

export const send = (incidentId: number, force: number) =>
  call<Task>("POST", `/api/incidents/${incidentId}/tasks`, { body: { force }, key: freshKey() });
export const stepTask = (id: number, step: TaskStep, answer: { reason?: string; note?: string } = {}) =>
  call<Task>("POST", `/api/tasks/${id}/${step}`, { body: answer, key: freshKey() });
export const ownTasks = () => call<Page<OwnTask>>("GET", "/api/tasks?mine=true");

export const reportFix = (fix: FixIn) => call<unknown>("POST", "/api/positions", { body: { fixes: [fix] } });

export const search = (q: string, signal?: AbortSignal) =>
  call<{ items: Found[] }>("GET", withQuery("/api/search", { q }), { signal });

/** Walks a list to its last page. */
async function all<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await call("GET", withQuery(path, { limit: 500, cursor }));
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor);
  return items;
}

export const cameras = () => all<Camera>("/api/cameras");
export const forces = () => all<Force>("/api/forces");

/** What the file to hand over can hold; it shows no one on the move. */
const HANDED_OVER = ["hexes", "incidents", "cameras", "places"];

export function viewExportUrl(bbox: readonly number[], layers: readonly string[], lang: "zh" | "en"): string {
  const kept = layers.filter((layer) => HANDED_OVER.includes(layer));
  return withQuery("/api/view-export.html", { bbox: bbox.map((n) => n.toFixed(5)).join(","), layers: kept.join(","), lang });
}
