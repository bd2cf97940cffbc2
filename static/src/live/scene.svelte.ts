/** One state of the county: the live one, or that of a replayed moment. */

import { applyEvents, applyHexes, emptyState, follows, prune, sameView, stateOf, type Applied, type State } from "../wire/apply";
import { perKind, type Bodies, type Kind } from "../wire/kinds";
import type { Case, Closure, EventsFrame, Force, HexesFrame, Hotspots, Incident, Presence, Snapshot, Task } from "../wire/types";
import { Fleet } from "./fleet.svelte";
import { queueOf, requeued } from "./queue";
import { byRole } from "./roles";
import { before } from "./queueview";
import { isClosed, isWaiting, markUnknown, queueOrder } from "./urgency";

const NO_TASKS: readonly Task[] = [];

export class Scene {
  readonly fleet: Fleet;
  hotspots = $state.raw<Hotspots | null>(null);
  /** Open incidents in queue order. */
  queue = $state.raw<readonly Incident[]>([]);
  /** When the snapshot was taken, by the server's clock. */
  at = $state<string | null>(null);
  /** Of a replay: when the record begins. Of a moment before, only what was imported later is known. */
  recordedFrom = $state<string | null>(null);
  #state: State = emptyState();
  /** Change counters by kind: the entities themselves are outside the reactive graph. */
  readonly #changes = $state(perKind(() => 0));
  readonly #rank: () => ReadonlyMap<string, number>;

  /** `rank` gives each risk its place, the gravest highest. */
  constructor({ rank }: { rank: () => ReadonlyMap<string, number> }) {
    this.#rank = rank;
    this.fleet = new Fleet();
  }

  get loaded(): boolean {
    return this.at !== null;
  }

  /** Whether its moment lies before the record began. */
  get isBeforeRecord(): boolean {
    return this.at !== null && this.recordedFrom !== null && Date.parse(this.at) < Date.parse(this.recordedFrom);
  }

  get position(): string {
    return `${this.#state.epoch}:${this.#state.pos}`;
  }

  load(snapshot: Snapshot): void {
    this.#state = stateOf(snapshot);
    this.hotspots = snapshot.hotspots;
    this.fleet.replace(snapshot.fixes);
    this.at = snapshot.at;
    this.recordedFrom = snapshot.recorded_from ?? null;
    if (this.isBeforeRecord) for (const incident of this.#state.entities.incident.values()) markUnknown(incident);
    this.queue = queueOf(this.#state.entities.incident.values(), queueOrder(this.#rank()));
    for (const kind of Object.keys(this.#changes) as Kind[]) this.#changes[kind] += 1;
  }

  /** Applies a frame of events. Null means a gap: a fresh snapshot is needed. */
  apply(frame: EventsFrame): Applied | null {
    if (!follows(this.#state, frame)) return null;
    const applied = applyEvents(this.#state, frame);
    this.#changed(applied);
    return applied;
  }

  /** Shows these closures: a phone's feed has none. */
  showClosures(closures: readonly Closure[]): void {
    this.#state.entities.closure = new Map(closures.map((closure) => [closure.id, closure]));
    this.#changes.closure += 1;
  }

  /** Drops what ended a day ago, as a fresh snapshot would. */
  prune(now: number): void {
    this.#changed(prune(this.#state, now));
  }

  #changed(applied: Applied): void {
    if (applied.incident.size) {
      const order = queueOrder(this.#rank());
      this.queue = requeued(this.queue, applied.incident, { incidents: this.#state.entities.incident, order });
    }
    for (const force of applied.force) if (!this.#state.entities.force.has(force)) this.fleet.remove(force);
    for (const [kind, ids] of Object.entries(applied)) if (ids.size) this.#changes[kind as Kind] += 1;
  }

  /** The entities of a kind; registers a dependency on their changes. */
  #all<K extends Kind>(kind: K): ReadonlyMap<number, Bodies[K]> {
    void this.#changes[kind];
    return this.#state.entities[kind];
  }

  hexes(frame: HexesFrame): void {
    const held = this.hotspots;
    if (frame.full || (held && sameView(held, frame))) this.hotspots = applyHexes(held ?? { ...frame, cells: [] }, frame);
  }

  /** Incidents with no task, in queue order. */
  readonly waiting = $derived(this.queue.filter(isWaiting));

  /** Closed incidents, the last closed first. */
  readonly closed = $derived.by(() =>
    [...this.#all("incident").values()].filter(isClosed).sort((a, b) => before(b.closed_at ?? "", a.closed_at ?? "") || b.id - a.id),
  );

  /** The active tasks of each incident that has any, by incident id: the lead first, then in the order of dispatch. */
  readonly activeTasks = $derived.by(() => {
    const active = new Map<number, Task[]>();
    for (const task of this.#all("task").values()) {
      if (task.active) active.set(task.incident, [...(active.get(task.incident) ?? []), task]);
    }
    for (const tasks of active.values()) tasks.sort(byRole);
    return active;
  });

  /** The active task of each busy force, by force id. */
  readonly busy = $derived.by(() => {
    const busy = new Map<number, Task>();
    for (const task of this.#all("task").values()) if (task.active) busy.set(task.force, task);
    return busy;
  });

  readonly tasks = $derived.by(() => [...this.#all("task").values()]);

  readonly forces = $derived.by(() => new Map(this.#all("force")));

  /** Calls for help that nobody has acknowledged, the longest waiting first. */
  readonly openAlarms = $derived.by(() =>
    [...this.#all("alarm").values()].filter((alarm) => alarm.acknowledged_at === null).sort((a, b) => a.id - b.id),
  );

  /** Closures that have not ended, the oldest first. */
  readonly closures = $derived.by(() => [...this.#all("closure").values()].filter((closure) => closure.ended_at === null).sort((a, b) => a.id - b.id));

  readonly freeCount = $derived.by(() => {
    let free = 0;
    for (const force of this.forces.values()) if (force.duty !== "off" && !this.busy.has(force.id)) free += 1;
    return free;
  });

  readonly onDutyCount = $derived.by(() => {
    let onDuty = 0;
    for (const force of this.forces.values()) if (force.duty !== "off") onDuty += 1;
    return onDuty;
  });

  activeTasksOf(incident: number): readonly Task[] {
    return this.activeTasks.get(incident) ?? NO_TASKS;
  }

  incident(id: number): Incident | undefined {
    return this.#all("incident").get(id);
  }

  /** The case of an incident. */
  case(incident: number): Case | undefined {
    return this.#all("case").get(incident);
  }

  force(id: number): Force | undefined {
    return this.#all("force").get(id);
  }

  /** What the page of a force's phone said last. */
  presence(force: number): Presence | undefined {
    return this.#all("presence").get(force);
  }

  readonly presences = $derived.by(() => new Map(this.#all("presence")));

  /** Every task of an incident, the latest first. */
  tasksOf(incident: number): Task[] {
    return [...this.#all("task").values()].filter((task) => task.incident === incident).sort((a, b) => b.id - a.id);
  }

  /** Incidents linked with this one as possible duplicates, either way. */
  duplicatesOf(incident: Incident): Incident[] {
    const incidents = this.#all("incident");
    const twins = [...incidents.values()].filter((one) => one.duplicate_of === incident.id);
    const first = incident.duplicate_of === null ? undefined : incidents.get(incident.duplicate_of);
    return first ? [first, ...twins] : twins;
  }

  /** Incidents that were closed as the same as this one, the oldest first. */
  mergedInto(id: number): Incident[] {
    return [...this.#all("incident").values()].filter((one) => one.merged_into === id).sort((a, b) => a.id - b.id);
  }
}
