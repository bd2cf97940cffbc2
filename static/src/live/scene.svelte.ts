/** One picture of the county: what the live feed keeps current, or what a moment of the past looked like. */

import { applyEvents, applyHexes, follows, prune, sameView, stateOf, type Applied, type State } from "../wire/apply";
import type { EventsFrame, Force, HexesFrame, Hotspots, Incident, Snapshot, Task } from "../wire/types";
import type { Clock } from "./clock.svelte";
import { Fleet } from "./fleet.svelte";
import { queueOf, requeued } from "./queue";
import { isClosed, isWaiting, queueOrder } from "./urgency";

const EMPTY: State = { epoch: "", pos: 0, incidents: new Map(), tasks: new Map(), forces: new Map() };

export class Scene {
  readonly fleet: Fleet;
  hotspots = $state.raw<Hotspots | null>(null);
  /** Open matters in the order of the queue. */
  queue = $state.raw<readonly Incident[]>([]);
  /** When the snapshot was taken, by the server's clock. */
  at = $state<string | null>(null);
  #state: State = EMPTY;
  #incidents = $state(0);
  #tasks = $state(0);
  #forces = $state(0);
  readonly #rank: () => ReadonlyMap<string, number>;

  /** `rank` gives each risk its place, the gravest highest. */
  constructor({ rank, clock }: { rank: () => ReadonlyMap<string, number>; clock: Pick<Clock, "exact"> }) {
    this.#rank = rank;
    this.fleet = new Fleet(clock);
  }

  get loaded(): boolean {
    return this.at !== null;
  }

  get position(): string {
    return `${this.#state.epoch}:${this.#state.pos}`;
  }

  load(snapshot: Snapshot): void {
    this.#state = stateOf(snapshot);
    this.hotspots = snapshot.hotspots;
    this.fleet.replace(snapshot.fixes);
    this.at = snapshot.at;
    this.queue = queueOf(this.#state.incidents.values(), queueOrder(this.#rank()));
    this.#incidents += 1;
    this.#tasks += 1;
    this.#forces += 1;
  }

  /** Applies a frame of events. Null means a gap: the picture must be fetched anew. */
  apply(frame: EventsFrame): Applied | null {
    if (!follows(this.#state, frame)) return null;
    const applied = applyEvents(this.#state, frame);
    this.#changed(applied.incidents);
    if (applied.tasks.size) this.#tasks += 1;
    if (applied.forces.size) this.#forces += 1;
    return applied;
  }

  /** Lets go of what ended a day ago, as a fresh snapshot would. */
  settle(now: number): void {
    const gone = prune(this.#state, now);
    this.#changed(gone.incidents);
    if (gone.tasks.size) this.#tasks += 1;
  }

  #changed(incidents: ReadonlySet<number>): void {
    if (!incidents.size) return;
    const order = queueOrder(this.#rank());
    this.queue = requeued(this.queue, incidents, { incidents: this.#state.incidents, order });
    this.#incidents += 1;
  }

  hexes(frame: HexesFrame): void {
    const held = this.hotspots;
    if (frame.full || (held && sameView(held, frame))) this.hotspots = applyHexes(held ?? { ...frame, cells: [] }, frame);
  }

  /** Matters that wait for somebody, in the order of the queue. */
  readonly waiting = $derived(this.queue.filter(isWaiting));

  readonly closedCount = $derived.by(() => {
    void this.#incidents;
    let closed = 0;
    for (const incident of this.#state.incidents.values()) if (isClosed(incident)) closed += 1;
    return closed;
  });

  /** The task in hand of each incident, by incident id. */
  readonly activeTasks = $derived.by(() => {
    void this.#tasks;
    const active = new Map<number, Task>();
    for (const task of this.#state.tasks.values()) if (task.active) active.set(task.incident, task);
    return active;
  });

  /** Forces with a task in hand. */
  readonly busy = $derived(new Map([...this.activeTasks.values()].map((task) => [task.force, task])));

  readonly forces = $derived.by(() => {
    void this.#forces;
    return new Map(this.#state.forces);
  });

  readonly freeCount = $derived.by(() => {
    let free = 0;
    for (const force of this.forces.values()) if (force.duty !== "off" && !this.busy.has(force.id)) free += 1;
    return free;
  });

  incident(id: number): Incident | undefined {
    void this.#incidents;
    return this.#state.incidents.get(id);
  }

  force(id: number): Force | undefined {
    void this.#forces;
    return this.#state.forces.get(id);
  }

  /** Every task of an incident, the latest first. */
  tasksOf(incident: number): Task[] {
    void this.#tasks;
    return [...this.#state.tasks.values()].filter((task) => task.incident === incident).sort((a, b) => b.id - a.id);
  }

  /** Matters that the open one was linked with as likely duplicates, either way. */
  twinsOf(incident: Incident): Incident[] {
    void this.#incidents;
    const twins = [...this.#state.incidents.values()].filter((one) => one.duplicate_of === incident.id);
    const first = incident.duplicate_of === null ? undefined : this.#state.incidents.get(incident.duplicate_of);
    return first ? [first, ...twins] : twins;
  }
}
