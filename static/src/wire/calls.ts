/** Every HTTP call of the screens. */

import type { Client } from "./client";
import type {
  Camera,
  Candidates,
  Closure,
  Correction,
  County,
  DispatchProposal,
  DivisionName,
  Duty,
  DutyLeader,
  Edits,
  Force,
  ForceCard,
  Found,
  Handover,
  Health,
  HotspotAccuracy,
  Hotspots,
  Incident,
  Me,
  NearCamera,
  NewClosure,
  NewIncident,
  OwnTask,
  Page,
  Role,
  Reach,
  Shift,
  Snapshot,
  Presence,
  PresenceIn,
  Sos,
  Strip,
  Task,
  TaskStep,
  TimelineEntry,
  Trail,
  WallFigures,
  WayByRoad,
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

/** A fresh idempotency key: a request that is repeated with it acts once. */
export function freshKey(): string {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
}

export type SnapshotQuery = { scope?: string; wall?: boolean | undefined; window?: string; res?: number; category?: string | null };
export type HotspotQuery = { at: string; res: number; window: string; category: string | null };
export type CellQuery = { window: string; category: string | null; at: string | null; cursor: string | null };
export type CandidatesQuery = { limit?: number; role?: Role; q?: string; kind?: string; force?: number };
/** `relayed`: the force said so by radio or telephone, and the desk enters it. */
export type TaskAnswer = { reason?: string; note?: string; relayed?: boolean; attachments?: readonly string[] };

export class Calls {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  signIn(username: string, password: string): Promise<unknown> {
    return this.#client.call("POST", "/api/session", { body: { username, password } });
  }

  signOut(): Promise<void> {
    return this.#client.call("DELETE", "/api/session");
  }

  /** The account that is signed in, undefined where none is. */
  signedIn(): Promise<Me | undefined> {
    return this.#client.call("GET", "/api/session");
  }

  county(): Promise<County> {
    return this.#client.call("GET", "/api/county");
  }

  health(): Promise<Health> {
    return this.#get("/api/health");
  }

  divisions(levels: readonly string[]): Promise<{ items: DivisionName[] }> {
    return this.#get("/api/divisions", { levels: levels.join(",") });
  }

  snapshot(query: SnapshotQuery = {}): Promise<Snapshot> {
    return this.#get("/api/snapshot", query);
  }

  replay(at: string, signal?: AbortSignal): Promise<Snapshot> {
    return this.#get("/api/replay", { at }, signal);
  }

  wall(): Promise<WallFigures> {
    return this.#client.call("GET", "/api/wall");
  }

  /** Says who leads the duty from now on. An empty name: nobody. */
  setDutyLeader(name: string, post: string): Promise<DutyLeader> {
    return this.#client.call("PUT", "/api/duty-leader", { body: { name, post } });
  }

  strip(hours: number, to?: string): Promise<Strip> {
    return this.#get("/api/replay/strip", { hours, to });
  }

  /** Hotspots at the end of a day. */
  hotspots(query: HotspotQuery, signal?: AbortSignal): Promise<Hotspots> {
    return this.#get("/api/hotspots", query, signal);
  }

  /** The latest incidents within reach. */
  incidents(limit: number): Promise<Page<Incident>> {
    return this.#get("/api/incidents", { limit });
  }

  /** The incidents that a hexagon counts in a window. */
  cellIncidents(cell: string, query: CellQuery, signal?: AbortSignal): Promise<Page<Incident>> {
    return this.#get(`/api/hotspots/${cell}/incidents`, query, signal);
  }

  /** How well hotspots have done in the past weeks. */
  hotspotAccuracy(query: { res: number; category: string | null }, signal?: AbortSignal): Promise<HotspotAccuracy> {
    return this.#get("/api/hotspots/accuracy", query, signal);
  }

  incident(id: number): Promise<Incident> {
    return this.#get(`/api/incidents/${id}`);
  }

  closeIncident(id: number, version: number, note: string): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/close`, { body: { note }, ifMatch: version, key: freshKey() });
  }

  placeIncident(id: number, version: number, [lon, lat]: [number, number]): Promise<Incident> {
    return this.#client.call("PATCH", `/api/incidents/${id}`, { body: { lon, lat }, ifMatch: version, key: freshKey() });
  }

  /** Says that a report that came again with other content has been looked at. */
  markSeen(id: number, version: number): Promise<Incident> {
    return this.#client.call("PATCH", `/api/incidents/${id}`, { body: { seen: true }, ifMatch: version, key: freshKey() });
  }

  /** Registers an incident. Under one key it is registered once. */
  register(body: NewIncident, key: string): Promise<Incident> {
    return this.#client.call("POST", "/api/incidents", { body, key });
  }

  editIncident(id: number, version: number, body: Edits): Promise<Incident> {
    return this.#client.call("PATCH", `/api/incidents/${id}`, { body, ifMatch: version, key: freshKey() });
  }

  correctIncident(id: number, version: number, body: Correction): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/corrections`, { body, ifMatch: version, key: freshKey() });
  }

  addNote(id: number, note: string): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/notes`, { body: { note }, key: freshKey() });
  }

  mergeIncident(id: number, into: number): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/merge`, { body: { into }, key: freshKey() });
  }

  /** `entries`: what was recorded on the main incident meanwhile and concerns this one. */
  unmergeIncident(id: number, entries: readonly number[] = []): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/unmerge`, { ...(entries.length ? { body: { entries } } : {}), key: freshKey() });
  }

  dismissDuplicate(id: number, of: number): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/dismiss-duplicate`, { body: { of }, key: freshKey() });
  }

  restoreDuplicate(id: number, of: number): Promise<Incident> {
    return this.#client.call("POST", `/api/incidents/${id}/restore-duplicate`, { body: { of }, key: freshKey() });
  }

  timeline(id: number): Promise<{ items: TimelineEntry[] }> {
    return this.#get(`/api/incidents/${id}/timeline`);
  }

  candidates(id: number, query: CandidatesQuery): Promise<Candidates> {
    return this.#get(`/api/incidents/${id}/candidates`, query);
  }

  /** Proposes forces for up to 200 incidents. Nothing is sent. */
  proposeForAll(incidents: readonly number[]): Promise<DispatchProposal> {
    return this.#client.call("POST", "/api/dispatch/proposals", { body: { incidents } });
  }

  nearCameras(id: number, limit = 5): Promise<{ items: NearCamera[]; platform: boolean }> {
    return this.#get(`/api/incidents/${id}/cameras`, { limit });
  }

  send(incident: number, force: number, role: Role): Promise<Task> {
    return this.#client.call("POST", `/api/incidents/${incident}/tasks`, { body: { force, role }, key: freshKey() });
  }

  stepTask(id: number, step: TaskStep, answer: TaskAnswer = {}): Promise<Task> {
    return this.#client.call("POST", `/api/tasks/${id}/${step}`, { body: answer, key: freshKey() });
  }

  /** Asks the hall for support at a task. */
  askSupport(task: number, note: string): Promise<Task> {
    return this.#client.call("POST", `/api/tasks/${task}/support`, { body: { note }, key: freshKey() });
  }

  forceCard(id: number): Promise<ForceCard> {
    return this.#get(`/api/forces/${id}/card`);
  }

  /** Looks a telephone number up. The server records who looked. */
  telephone(force: number): Promise<{ telephone: string }> {
    return this.#client.call("POST", `/api/forces/${force}/telephone`);
  }

  /** Where a force has been today. The server records who looked. */
  trail(force: number): Promise<Trail> {
    return this.#get(`/api/forces/${force}/trail`);
  }

  setDuty(force: number, version: number, duty: Duty): Promise<Force> {
    return this.#client.call("PATCH", `/api/forces/${force}`, { body: { duty }, ifMatch: version, key: freshKey() });
  }

  closeRoads(closure: NewClosure): Promise<Closure> {
    return this.#client.call("POST", "/api/closures", { body: closure, key: freshKey() });
  }

  liftClosure(id: number): Promise<Closure> {
    return this.#client.call("POST", `/api/closures/${id}/lift`, { key: freshKey() });
  }

  acknowledgeAlarm(id: number): Promise<Sos> {
    return this.#client.call("POST", `/api/alarms/${id}/acknowledge`, { key: freshKey() });
  }

  ownTasks(): Promise<Page<OwnTask>> {
    return this.#get("/api/tasks", { mine: true });
  }

  reportFix(fix: FixIn): Promise<unknown> {
    return this.#client.call("POST", "/api/positions", { body: { fixes: [fix], sent_at: new Date().toISOString() } });
  }

  /** Calls for help. Returns whether the hall has it; `at` in epoch milliseconds. */
  async callForHelp({ force, at, place }: { force: number; at: number; place: { lon: number; lat: number; accuracy: number } | null }): Promise<boolean> {
    const where = place ? { lon: place.lon, lat: place.lat, accuracy_m: place.accuracy } : {};
    const fix = { force, at: new Date(at).toISOString(), alarm: "sos", ...where };
    const { items } = await this.#client.call<{ items: { flag: string | null; code: string | null }[] }>("POST", "/api/positions", { body: { fixes: [fix], sent_at: new Date().toISOString() } });
    return items.some(({ flag, code }) => flag !== null || code === "no_place");
  }

  tellPresence(said: PresenceIn): Promise<Presence> {
    return this.#client.call("PUT", "/api/presence", { body: said, keepalive: true });
  }

  /** What is closed within reach and around it. */
  closures(): Promise<{ items: Closure[] }> {
    return this.#get("/api/closures", { open: true, limit: 1000 });
  }

  /** The way by road by which a force would come; null where none is known. */
  way(incident: number, force: number): Promise<WayByRoad | null> {
    return this.#get(`/api/incidents/${incident}/ways/${force}`);
  }

  reach(minutes: number, kind: string | null): Promise<Reach> {
    return this.#get("/api/reach", { minutes, kind });
  }

  /** What happened in reach since the account was last here, and what waits. */
  handover(): Promise<Handover> {
    return this.#get("/api/shift/handover", {});
  }

  /** What the account did since a moment; since its sign-in, if left out. */
  shift(since?: string): Promise<Shift> {
    return this.#get("/api/shift", { since });
  }

  /** Every division in reach, with its place; as of a day, today by default. */
  allDivisions(day?: string): Promise<{ items: DivisionName[] }> {
    return this.#get("/api/divisions", { day });
  }

  search(q: string, signal?: AbortSignal): Promise<{ items: Found[] }> {
    return this.#get("/api/search", { q }, signal);
  }

  /** Every camera in sight. Follows the pages to the last. */
  async cameras(): Promise<Camera[]> {
    const items: Camera[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<Camera> = await this.#get("/api/cameras", { limit: 500, cursor });
      items.push(...page.items);
      cursor = page.next ?? null;
    } while (cursor);
    return items;
  }

  #get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
    return this.#client.call("GET", withQuery(path, query), signal ? { signal } : {});
  }
}

export function gridsUrl(format: string): string {
  return withQuery("/api/export/grids", { format });
}

/** The address of an incident's printable report. */
export function reportUrl(incident: number, lang: "zh" | "en"): string {
  return withQuery(`/api/incidents/${incident}/report.pdf`, { lang });
}

/** Layers that an exported view can hold: no moving forces. */
const EXPORTED = ["hexes", "incidents", "cameras", "places"];

export function viewExportUrl(bbox: readonly number[], layers: readonly string[], lang: "zh" | "en"): string {
  const kept = layers.filter((layer) => EXPORTED.includes(layer));
  return withQuery("/api/view-export.html", { bbox: bbox.map((n) => n.toFixed(5)).join(","), layers: kept.join(","), lang });
}
