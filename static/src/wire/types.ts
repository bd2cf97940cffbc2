/** The shapes that cross the wire, as the screens use them. */

export type Names = { zh: string; en: string };

export type Incident = {
  id: number;
  case_code: string | null;
  source: string;
  external_no: string | null;
  category: string;
  risk: string;
  level: string;
  title: string | null;
  description: string | null;
  status: string;
  lon: number;
  lat: number;
  cell: string;
  grid: string | null;
  division: string | null;
  division_path: string;
  occurred_at: string;
  registered_at: string;
  first_due_at: string;
  closed_at: string | null;
  duplicate_of: number | null;
  version: number;
};

export type Duty = "on" | "on_call" | "off";

export type Force = {
  id: number;
  code: string;
  name: string | null;
  kind: string;
  organisation: string;
  specialities: string[];
  languages: string[];
  mode: string;
  home_lon: number;
  home_lat: number;
  duty: Duty;
  division_path: string;
  version: number;
};

export type TaskStatus = "assigned" | "accepted" | "departed" | "arrived" | "finished" | "declined" | "recalled";

export type Task = {
  id: number;
  incident: number;
  force: number;
  status: TaskStatus;
  active: boolean;
  assigned_by: number | null;
  assigned_at: string;
  answer_due_at: string;
  warned_at: string | null;
  accepted_at: string | null;
  departed_at: string | null;
  arrived_at: string | null;
  ended_at: string | null;
  reason: string | null;
  note: string;
  cost_minutes: number;
  eta_minutes: number;
  version: number;
};

export type OwnTask = Task & { matter: Incident };

/** Latest fixes, column by column. Times are epoch milliseconds. */
export type Fixes = {
  force: number[];
  lon: number[];
  lat: number[];
  at: number[];
  speed: (number | null)[];
  heading: (number | null)[];
  accuracy: (number | null)[];
};

export type HotClass = "new" | "persistent" | "fading" | "none";

export type HotCell = {
  cell: string;
  count: number;
  expected: number;
  z: number;
  q: number;
  class: HotClass;
  exposure: number | null;
  rate: number | null;
};

export type Hotspots = {
  res: number;
  window: string;
  category: string | null;
  as_of: string;
  total: number;
  cells: HotCell[];
};

export type Snapshot = {
  epoch: string;
  pos: number;
  at: string;
  scope: string;
  incidents: Incident[];
  forces: Force[];
  tasks: Task[];
  fixes: Fixes;
  hotspots: Hotspots;
};

export type FeedEvent =
  | { pos: number; at: string; kind: "incident"; id: number; version: number; body: Incident }
  | { pos: number; at: string; kind: "task"; id: number; version: number; body: Task }
  | { pos: number; at: string; kind: "force"; id: number; version: number; body: Force };

export type HelloFrame = { t: "hello"; epoch: string; pos: number; now: string };
export type EventsFrame = { t: "events"; from: number; to: number; items: FeedEvent[] };
export type FixesFrame = { t: "fixes" } & Fixes;
export type HexesFrame = { t: "hexes"; gone: string[]; full: boolean } & Hotspots;
export type ResyncFrame = { t: "resync"; reason: string };
export type BeatFrame = { t: "beat"; pos: number; now: string };
export type Frame = HelloFrame | EventsFrame | FixesFrame | HexesFrame | ResyncFrame | BeatFrame;

/** What a client says on the socket: which hotspots it looks at. */
export type Watch = { t: "watch"; res: number; window: string; category: string | null };

/** West, south, east, north. */
export type Box = [number, number, number, number];

export type Me = {
  username: string;
  display_name: string;
  role: string;
  permissions: string[];
  scope: { code: string; name: string; level: string | null; path: string; bbox: Box | null };
  force: number | null;
  locale: string | null;
};

export type County = {
  code: string;
  name: Names;
  timezone: string;
  review_number: string | null;
  levels: { code: string; name: Names }[];
  categories: { code: string; class: string; name: Names }[];
  classes: { code: string; name: Names }[];
  risks: { code: string; name: Names; colour: string; first_minutes: number }[];
  force_kinds: { code: string; name: Names; mode: string; colour: string }[];
  languages: { code: string; name: Names }[];
  windows: string[];
  hotspots: { res: number; window: string; resolutions: number[]; q: number };
  bbox: Box | null;
  generated: boolean;
};

export type DivisionName = {
  code: string;
  name: string;
  level: string;
  parent: string | null;
  path: string;
  lon: number;
  lat: number;
};

export type Camera = {
  id: number;
  code: string;
  name: string;
  owner: string;
  heading: number;
  fov_deg: number;
  range_m: number;
  online: boolean;
  lon: number;
  lat: number;
};

export type NearCamera = Camera & { distance_m: number; in_view: boolean };

export type Reason = { code: string; minutes: number; params: Record<string, unknown> };

export type Candidate = {
  force: number;
  name: string;
  kind: string;
  cost_minutes: number;
  reasons: Reason[];
  eta_minutes: number;
  distance_m: number;
  fix_age_s: number | null;
  stale: boolean;
};

export type Excluded = { force: number; name: string; code: string };
export type Candidates = { candidates: Candidate[]; excluded: Excluded[] };

export type TimelineEntry = {
  id: number;
  at: string;
  kind: string;
  actor: string | null;
  force: number | null;
  force_name: string | null;
  data: Record<string, unknown>;
};

export type Strip = { from: string; to: string; step_s: number; reported: number[]; closed: number[] };

export type Found = {
  kind: "incident" | "force" | "division" | "camera" | "place";
  id: number | string;
  label: string;
  lon: number;
  lat: number;
  status?: string | null;
};

export type Page<Item> = { items: Item[]; next: string | null };

export type TaskStep = "accept" | "decline" | "depart" | "arrive" | "finish" | "recall";
