/** Bodies as the server sends them; a test names only the fields it cares about. */

import type { Candidate, County, EventsFrame, FeedEvent, Force, Incident, Me, Snapshot, Sos, Task } from "../wire/types";

export const NOW = Date.parse("2026-03-02T08:30:00Z");

/** A time of the test's day, so many minutes from `NOW`. */
export const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

export const me = {
  id: 1,
  display_name: "坐席一",
  permissions: ["hall.view", "tasks.dispatch"],
  force: null,
  scope: { name: "吴江", path: "320509", bbox: [120.3, 30.8, 120.9, 31.3] },
} as unknown as Me;

export const county = {
  name: { zh: "吴江", en: "Wujiang" },
  bbox: [120.3, 30.8, 120.9, 31.3],
  levels: [
    { code: "county", grid: false, zoom: 8 },
    { code: "town", grid: false, zoom: 10 },
  ],
  risks: [
    { code: "low", name: { zh: "一般", en: "Low" } },
    { code: "high", name: { zh: "重大", en: "High" } },
  ],
  categories: [{ code: "dispute", name: { zh: "纠纷", en: "Dispute" } }],
  force_kinds: [{ code: "patrol", name: { zh: "巡防队", en: "Patrol" } }],
  sources: [],
  classes: [],
  languages: [],
  recall_reasons: [{ code: "closer", name: { zh: "有更近的力量", en: "A nearer unit goes" } }],
  decline_reasons: [{ code: "too_far", name: { zh: "距离太远", en: "Too far away" } }],
  outcomes: [{ code: "settled", name: { zh: "当场化解", en: "Settled on the spot" } }],
  far_m: 300,
  travel: [{ mode: "car", start_minutes: 3, minutes_per_km: 2 }],
  telephone: "0512-12345",
  windows: ["24h"],
  hotspots: { window: "24h", resolutions: [8, 9, 10], least_incidents: 3 },
  stale_after_s: 180,
  unseen_after_s: 30,
  timezone: "Asia/Shanghai",
} as unknown as County;

export function incident(id: number, changed: Partial<Incident> = {}): Incident {
  const times = { occurred_at: at(-20), registered_at: at(-20), first_due_at: at(40), closed_at: null };
  const where = { lon: 120.6, lat: 31.1, division_path: "320509.t1", address: "", differs_at: null };
  return { id, version: 1, status: "registered", risk: "low", category: "dispute", title: `#${id}`, duplicate_of: null, merged_into: null, description: "", ...where, ...times, ...changed } as Incident;
}

export function task(id: number, changed: Partial<Task> = {}): Task {
  const times = { assigned_at: at(-2), answer_due_at: at(3), warned_at: null, ended_at: null };
  return { id, version: 1, incident: 1, force: 7, role: "lead", status: "assigned", active: true, note: "", assigned_by: 1, sent_by: "坐席一", support_asked_at: null, away_m: null, reason: null, ...times, ...changed } as Task;
}

export function force(id: number, changed: Partial<Force> = {}): Force {
  return { id, version: 1, name: `F${id}`, kind: "patrol", duty: "on", home_lon: 120.5, home_lat: 31, ...changed } as Force;
}

export function sos(id: number, changed: Partial<Sos> = {}): Sos {
  const times = { raised_at: at(id - 10), sent_at: at(id - 10), acknowledged_at: null, acknowledged_by: null };
  return { id, version: 1, kind: "sos", force: 7, name: "F7", lon: 120.6, lat: 31.1, accuracy_m: 8, ...times, ...changed };
}

export function candidate(id: number, minutes = 5): Candidate {
  const cost = { cost_minutes: minutes, eta_minutes: minutes, fix_age_s: 10, stale: false, reasons: [], roles: ["lead", "support", "observer"] };
  return { force: id, name: `F${id}`, kind: "patrol", ...cost } as unknown as Candidate;
}

export function snapshot(changed: Partial<Snapshot> = {}): Snapshot {
  const fixes = { force: [], lon: [], lat: [], at: [], speed: [], heading: [], accuracy: [] };
  const hotspots = { res: 8, window: "24h", category: null, as_of: at(0), total: 0, cells: [] };
  return { epoch: "e1", pos: 10, at: at(0), incidents: [], tasks: [], forces: [], alarms: [], cases: [], fixes, hotspots, ...changed } as Snapshot;
}

/** A frame of the events between two positions. */
export function events(from: number, to: number, items: readonly Partial<FeedEvent>[] = []): EventsFrame {
  return { t: "events", from, to, items: items.map((item, i) => ({ pos: from + i + 1, at: at(0), ...item })) } as EventsFrame;
}
