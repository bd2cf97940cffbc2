/** Which incidents the queue lists, and in which order: as an operator chooses, and as the address of the page says. Pure. */

import type { Incident } from "../wire/types";
import { isClosed, isWaiting } from "./urgency";

export const STATUSES = ["waiting", "served", "all", "closed"] as const;
export const SORTS = ["urgency", "newest", "risk", "due"] as const;

export type QueueStatus = (typeof STATUSES)[number];
export type QueueSort = (typeof SORTS)[number];

/** `area`: the code of a division. `category`: a category or a class of them. Empty strings choose everything. */
export type QueueView = {
  readonly status: QueueStatus;
  readonly sort: QueueSort;
  readonly area: string;
  readonly category: string;
  readonly source: string;
  readonly mine: boolean;
};

export const WHOLE_QUEUE: QueueView = { status: "waiting", sort: "urgency", area: "", category: "", source: "", mine: false };

/** The fields that an operator picks from a list. */
export type Picked = "area" | "category" | "source";
export const PICKED: readonly Picked[] = ["area", "category", "source"];

/** What the lists of an operator depend on: the incidents of this shift, and the rank of each risk. */
export type Basis = { mine: ReadonlySet<number>; rank: ReadonlyMap<string, number> };

/** A code as packs and boundaries have it: what else stands in an address is ignored. */
const CODE = /^[\w.]{1,64}$/;

function oneOf<Value extends string>(values: readonly Value[], said: string | null): Value | undefined {
  return values.find((value) => value === said);
}

export function viewOf(params: URLSearchParams): QueueView {
  const code = (name: Picked) => (CODE.test(params.get(name) ?? "") ? (params.get(name) as string) : "");
  return {
    status: oneOf(STATUSES, params.get("status")) ?? WHOLE_QUEUE.status,
    sort: oneOf(SORTS, params.get("sort")) ?? WHOLE_QUEUE.sort,
    area: code("area"),
    category: code("category"),
    source: code("source"),
    mine: params.has("mine"),
  };
}

/** The parameters of an address with those of a view; what the view leaves at rest is not written. */
export function withView(params: URLSearchParams, view: QueueView): URLSearchParams {
  const written = new URLSearchParams(params);
  for (const name of Object.keys(WHOLE_QUEUE) as (keyof QueueView)[]) {
    if (view[name] === WHOLE_QUEUE[name]) written.delete(name);
    else written.set(name, name === "mine" ? "1" : String(view[name]));
  }
  return written;
}

/** Whether a view leaves out incidents of its status. */
export function isFiltered({ area, category, source, mine }: QueueView): boolean {
  return mine || Boolean(area || category || source);
}

/** The division of an incident on the first level below a scope: its town, for an operator of a county. */
export function areaOf(incident: Incident, scope: string): string {
  const steps = incident.division_path.split(".");
  return steps[scope.split(".").length] ?? steps.at(-1) ?? "";
}

function isWithin(incident: Incident, area: string): boolean {
  return incident.division_path.split(".").includes(area);
}

function isOf(incident: Incident, category: string): boolean {
  return incident.category === category || incident.category.startsWith(`${category}.`);
}

function statusOf(incident: Incident): QueueStatus {
  if (isClosed(incident)) return "closed";
  return isWaiting(incident) ? "waiting" : "served";
}

const TESTS: { readonly [F in Picked | "mine" | "status"]: (incident: Incident, view: QueueView, mine: ReadonlySet<number>) => boolean } = {
  status: (incident, { status }) => status === statusOf(incident) || (status === "all" && !isClosed(incident)),
  area: (incident, { area }) => !area || isWithin(incident, area),
  category: (incident, { category }) => !category || isOf(incident, category),
  source: (incident, { source }) => !source || incident.source === source,
  mine: (incident, view, mine) => !view.mine || mine.has(incident.id),
};
const FIELDS = Object.keys(TESTS) as (keyof typeof TESTS)[];

/** Whether a view lists an incident, all its fields considered but one. */
function shows(incident: Incident, view: QueueView, { mine, but }: { mine: ReadonlySet<number>; but?: keyof typeof TESTS }): boolean {
  return FIELDS.every((field) => field === but || TESTS[field](incident, view, mine));
}

/** Orders times in one zone, and codes, as plain strings. */
export function before(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const ORDERS: { readonly [S in Exclude<QueueSort, "urgency">]: (a: Incident, b: Incident, rank: Basis["rank"]) => number } = {
  newest: (a, b) => before(b.registered_at, a.registered_at) || b.id - a.id,
  risk: (a, b, rank) => (rank.get(b.risk) ?? 0) - (rank.get(a.risk) ?? 0) || ORDERS.due(a, b, rank),
  due: (a, b) => Number(isWaiting(b)) - Number(isWaiting(a)) || before(a.first_due_at, b.first_due_at) || a.id - b.id,
};

/** The incidents of a queue that a view lists, in its order. The queue is in order of urgency, closed ones newest first. */
export function listOf(queue: readonly Incident[], view: QueueView, { mine, rank }: Basis): readonly Incident[] {
  const shown = queue.filter((incident) => shows(incident, view, { mine }));
  const { sort } = view;
  return sort === "urgency" ? shown : shown.sort((a, b) => ORDERS[sort](a, b, rank));
}

/** Incidents of `critical` that a view does not list. */
export function leftOut(critical: readonly Incident[], view: QueueView, mine: ReadonlySet<number>): readonly Incident[] {
  return critical.filter((incident) => !shows(incident, view, { mine }));
}

/** Counts, for each choice of each filter, what it would list. */
export function countsOf(queue: readonly Incident[], view: QueueView, { mine, scope }: { mine: ReadonlySet<number>; scope: string }): Counts {
  const counts: Counts = { status: new Map(), area: new Map(), category: new Map(), source: new Map(), mine: 0 };
  for (const incident of queue) {
    if (shows(incident, view, { mine, but: "status" })) for (const status of new Set([statusOf(incident), isClosed(incident) ? "closed" : "all"])) add(counts.status, status);
    if (shows(incident, view, { mine, but: "area" })) add(counts.area, areaOf(incident, scope));
    if (shows(incident, view, { mine, but: "category" })) for (const code of classes(incident.category)) add(counts.category, code);
    if (shows(incident, view, { mine, but: "source" })) add(counts.source, incident.source);
    if (mine.has(incident.id) && shows(incident, view, { mine, but: "mine" })) counts.mine += 1;
  }
  return counts;
}

/** How many incidents each choice of a filter would list, the other filters left as they are. */
export type Counts = { readonly [F in Picked | "status"]: Map<string, number> } & { mine: number };

function add(counts: Map<string, number>, code: string): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

/** A category and its class: `dispute.family` counts for `dispute` too. */
function classes(category: string): string[] {
  const [whole] = category.split(".");
  return whole && whole !== category ? [whole, category] : [category];
}
