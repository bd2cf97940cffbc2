/** State of the operator's desk: the queue's cursor, the open sheet, the open incident, and what is done with it. */

import { createContext } from "svelte";
import type { AppState } from "../../live/app.svelte";
import { riskRank } from "../../live/names";
import { isPlaced } from "../../live/placed";
import { listOf } from "../../live/queueview";
import { NEXT_STEP } from "../../live/roles";
import { isClosed, isWaiting } from "../../live/urgency";
import type { Incident, Task } from "../../wire/types";
import { Actions, type ActionParts } from "./actions.svelte";
import { Proposals, type ProposalsParts } from "./candidates/proposals.svelte";
import type { State } from "./forces/listed";
import { Closing, type ClosingParts } from "./closures/closing.svelte";
import { OpenedIncident, type OpenedParts } from "./opened.svelte";
import { Sending } from "./sending/sending.svelte";
import { Several, type SeveralParts } from "./several/several.svelte";

export type Sheet = "layers" | "palette" | "help" | "time" | "new" | "force" | "forces" | "shift" | "seat" | "reach" | "several" | "closures" | "cameras" | "reviews" | null;

/** A form of a task: nothing is recalled, transferred or finished by one press. */
export type TaskForm = "recall" | "transfer" | "finish";

export type DeskParts = Pick<AppState, "pending" | "scenes" | "queue" | "shift"> & {
  calls: OpenedParts["calls"] & ActionParts["calls"] & ProposalsParts["calls"] & SeveralParts["calls"] & ClosingParts["calls"];
  session: OpenedParts["session"] & Pick<AppState["session"], "county">;
};

export class Desk {
  readonly #parts: DeskParts;
  /** Whether the queue's filters are open. */
  filtering = $state(false);
  cursor = $state<number | null>(null);
  sheet = $state<Sheet>(null);
  /** The force whose card is open. */
  force = $state<number | null>(null);
  /** What the list of all forces is narrowed to. */
  readonly forcesFilter = $state<{ words: string; kind: string; state: State | null }>({ words: "", kind: "", state: null });
  /** The form that is open, and its task. */
  taskForm = $state<{ task: number; form: TaskForm } | null>(null);
  #fromList = false;
  /** The incident whose place the next click on the map gives. */
  placing = $state<number | null>(null);
  readonly shown: OpenedIncident;
  readonly actions: Actions;
  readonly proposals: Proposals;
  readonly sending: Sending;
  readonly several: Several;
  readonly closing: Closing;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.shown = new OpenedIncident(parts);
    this.actions = new Actions(parts, () => void this.proposals.refresh());
    const { shown, actions } = this;
    const onPick = () => void (this.sending.refused = []);
    this.proposals = new Proposals({ scenes: parts.scenes, calls: parts.calls, shown, actions, onPick });
    this.several = new Several({ pending: parts.pending, scenes: parts.scenes, calls: parts.calls, waiting: () => this.#waiting() });
    this.closing = new Closing(parts);
    this.sending = new Sending({ pending: parts.pending, calls: parts.calls, shown, actions, proposals: this.proposals });
  }

  readonly #rank = $derived.by(() => riskRank(this.#parts.session.county));

  /** The queue as it is filtered and sorted. */
  readonly list = $derived.by(() => {
    const { scenes, queue, shift } = this.#parts;
    // Of a moment that the record knows in part only, nobody can say which incidents waited.
    const view = scenes.recordedFrom === null ? queue.view : { ...queue.view, status: "all" as const };
    const listed = view.status === "closed" ? scenes.current.closed : scenes.current.queue;
    return listOf(listed, view, { mine: shift.mine, rank: this.#rank });
  });

  /** Those that wait, as far as the queue's filters let through. */
  #waiting(): readonly Incident[] {
    const { scenes, queue, shift } = this.#parts;
    return listOf(scenes.live.queue, { ...queue.view, status: "waiting" }, { mine: shift.mine, rank: this.#rank }).filter(isWaiting);
  }

  /** Opens the proposal for all that wait, or closes it. */
  toggleSeveral(): void {
    this.toggle("several");
    if (this.sheet === "several") void this.several.ask();
  }

  /** Id of the open incident. */
  get opened(): number | null {
    return this.shown.id;
  }

  get incident() {
    return this.shown.incident;
  }

  /** The active tasks of the open incident, the lead first. */
  get tasks() {
    return this.shown.tasks;
  }

  get selection() {
    return this.proposals.selection;
  }

  /** Moves the cursor by rows and returns its new index, -1 in an empty list. */
  move(rows: number): number {
    const at = this.list.findIndex((incident) => incident.id === this.cursor);
    const to = at < 0 ? 0 : Math.min(Math.max(at + rows, 0), this.list.length - 1);
    const incident = this.list[to];
    this.cursor = incident?.id ?? null;
    if (incident && isPlaced(incident) && isWaiting(incident) && this.shown.mayDispatch) this.proposals.prefetch(incident.id);
    return incident ? to : -1;
  }

  async open(id: number): Promise<void> {
    this.cursor = id;
    if (this.opened === id) return;
    this.shown.begin(id);
    this.#parts.shift.opened(id);
    this.placing = null;
    this.taskForm = null;
    this.proposals.listing.clear();
    this.#clear();
    this.actions.problem = null;
    if (await this.#isThere(id)) await Promise.all([this.proposals.refresh(), this.shown.refreshTimeline(), this.shown.refreshCameras()]);
  }

  /** Forgets what was fetched for an incident. */
  #clear(): void {
    this.shown.forget();
    this.proposals.clear();
    this.sending.refused = [];
  }

  /** Shows what another window of this desk has opened. */
  follow(opened: number | null): void {
    if (opened !== null) void this.open(opened);
    else this.shown.end();
  }

  back(): void {
    if (this.placing !== null) this.placing = null;
    else if (this.closing.drawing) this.closing.stop();
    else if (this.sheet) this.sheet = this.sheet === "force" && this.#fromList ? "forces" : null;
    else if (this.taskForm) this.taskForm = null;
    else if (this.opened !== null) this.shown.end();
    else if (this.#parts.scenes.replaying) this.#parts.scenes.back();
  }

  toggle(sheet: Exclude<Sheet, null>): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }

  /** Opens the list of closed roads with one of them marked. */
  showClosure(id: number): void {
    this.closing.marked = id;
    this.sheet = "closures";
  }

  /** Opens a force's card. From the list of all forces, one goes back there. */
  showForce(id: number): void {
    this.#fromList = this.sheet === "forces";
    this.force = id;
    this.sheet = "force";
  }

  /** What a click on a force's mark on the map does: it is chosen for the open incident, else its card opens. */
  clickForce(id: number): void {
    const isOpen = this.incident !== null && !isClosed(this.incident) && isPlaced(this.incident);
    if (this.shown.mayDispatch && isOpen) void this.#chooseForce(id);
    else this.showForce(id);
  }

  /** Chooses a force for the open incident. Where it cannot be sent, its card and the reason show. */
  async #chooseForce(id: number): Promise<void> {
    if (!(await this.proposals.chooseForce(id))) this.showForce(id);
  }

  /** Enters the next step of a task, by default of the lead's, as its force has told by radio or telephone. */
  relay(task: Task | undefined = this.tasks[0]): void {
    const step = task && NEXT_STEP[task.status];
    if (!task || !step || !this.shown.mayDispatch || this.#parts.pending.has(task.incident)) return;
    if (step === "finish") this.taskForm = { task: task.id, form: step };
    else void this.actions.relay(task, step);
  }

  startPlacing(): void {
    this.placing = this.opened;
  }

  stopPlacing(): void {
    this.placing = null;
  }

  /** Gives the incident that waits for one its place. */
  async place(lon: number, lat: number): Promise<void> {
    const { incident } = this;
    const asked = this.placing === incident?.id;
    this.placing = null;
    if (incident && asked) await this.actions.place(incident, [lon, lat]);
  }

  /** Fetches again what the feed does not carry, and the incident itself once it has left the feed. */
  async refresh(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const withoutCameras = this.shown.gone || this.shown.cameras === "failed";
    if (!(await this.#isThere(id))) return;
    await Promise.all([withoutCameras && this.shown.refreshCameras(), this.shown.refreshTimeline(), this.proposals.refresh()]);
  }

  /** Returns whether the open incident can be shown. Forgets what was fetched where it cannot. */
  async #isThere(id: number): Promise<boolean> {
    const found = await this.shown.find(id);
    if (this.opened !== id) return false;
    if (this.shown.gone) this.#clear();
    return found;
  }
}

export const [useDesk, provideDesk] = createContext<Desk>();
