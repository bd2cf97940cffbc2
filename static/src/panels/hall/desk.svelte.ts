/** State of the operator's desk: queue cursor, open incident, its candidates and the chosen one. */

import { createContext } from "svelte";
import { ApiError } from "../../wire/client";
import type { Candidate, Candidates, Incident, NearCamera, Role, Task, TimelineEntry } from "../../wire/types";
import type { AppState } from "../../live/app.svelte";
import { isPlaced } from "../../live/placed";
import { isLed, nextRole } from "../../live/roles";
import { isClosed, isWaiting } from "../../live/urgency";

export type QueueFilter = "waiting" | "served" | "all";
export type Sheet = "layers" | "search" | "help" | "time" | "new" | null;

const UNREACHABLE = "unreachable";

export type DeskParts = Pick<AppState, "pending" | "scenes"> & {
  calls: Pick<
    AppState["calls"],
    "incident" | "candidates" | "nearCameras" | "timeline" | "send" | "stepTask" | "closeIncident" | "placeIncident" | "markSeen"
  >;
  session: Pick<AppState["session"], "may">;
};

export class Desk {
  readonly #parts: DeskParts;
  filter = $state<QueueFilter>("waiting");
  cursor = $state<number | null>(null);
  opened = $state<number | null>(null);
  sheet = $state<Sheet>(null);
  candidates = $state.raw<Candidates | null>(null);
  /** Null until they are loaded. */
  cameras = $state.raw<NearCamera[] | "failed" | null>(null);
  timeline = $state.raw<TimelineEntry[]>([]);
  /** Index of the chosen candidate. -1 when the one picked by hand is no longer available, and where forces are on the
   * incident already, until one is picked. */
  choice = $state(0);
  #pickedByHand = $state(false);
  /** The role in which the chosen candidate is dispatched. */
  role = $state<Role>("lead");
  /** Error code of the last refused action on the open incident. */
  problem = $state<string | null>(null);
  /** Whether the open incident could not be fetched. */
  gone = $state(false);
  /** The incident whose place the next click on the map gives. */
  placing = $state<number | null>(null);
  #archived = $state.raw<Incident | null>(null);
  #asked = new Map<number, Promise<Candidates>>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  readonly list = $derived.by(() => {
    const { queue, waiting } = this.#parts.scenes.current;
    if (this.filter === "waiting") return waiting;
    return this.filter === "all" ? queue : queue.filter((incident) => !isWaiting(incident));
  });

  readonly incident = $derived.by(() => {
    if (this.opened === null) return null;
    return this.#parts.scenes.current.incident(this.opened) ?? (this.#archived?.id === this.opened ? this.#archived : null);
  });

  /** The active tasks of the open incident, the lead first. */
  readonly tasks = $derived.by(() => (this.opened === null ? [] : this.#parts.scenes.current.activeTasksOf(this.opened)));

  readonly chosen = $derived(this.candidates?.candidates[this.choice] ?? null);

  readonly #leadIsTaken = $derived(this.role === "lead" && isLed(this.tasks));

  readonly mayDispatch = $derived.by(() => this.#parts.session.may("tasks.dispatch") && !this.#parts.scenes.replaying);

  readonly canSend = $derived.by(
    () =>
      this.mayDispatch &&
      this.incident !== null &&
      !isClosed(this.incident) &&
      this.chosen !== null &&
      // What a colleague does meanwhile changes no meaning under the hand: another pick is needed.
      (this.tasks.length === 0 || this.#pickedByHand) &&
      !this.#leadIsTaken &&
      !this.#parts.scenes.live.busy.has(this.chosen.force) &&
      !this.#parts.pending.has(this.incident.id),
  );

  /** Moves the cursor by rows and returns its new index, -1 in an empty list. */
  move(rows: number): number {
    const at = this.list.findIndex((incident) => incident.id === this.cursor);
    const to = at < 0 ? 0 : Math.min(Math.max(at + rows, 0), this.list.length - 1);
    const incident = this.list[to];
    this.cursor = incident?.id ?? null;
    if (incident && isPlaced(incident) && isWaiting(incident) && this.mayDispatch) void this.#fetchCandidates(incident.id).catch(() => undefined);
    return incident ? to : -1;
  }

  async open(id: number): Promise<void> {
    this.cursor = id;
    if (this.opened === id) return;
    this.opened = id;
    this.placing = null;
    this.#clear();
    this.problem = null;
    this.gone = false;
    if (!(await this.#isThere(id)) || this.opened !== id) return;
    await Promise.all([this.refreshCandidates(), this.refreshTimeline(), this.#nearCameras(id)]);
  }

  /** Forgets what was fetched for an incident. */
  #clear(): void {
    this.candidates = null;
    this.cameras = null;
    this.timeline = [];
    this.#proposeFirst();
  }

  back(): void {
    if (this.placing !== null) this.placing = null;
    else if (this.sheet) this.sheet = null;
    else if (this.opened !== null) {
      this.opened = null;
      this.gone = false;
    } else if (this.#parts.scenes.replaying) this.#parts.scenes.back();
  }

  toggle(sheet: Exclude<Sheet, null>): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }

  choose(place: number): void {
    if (!this.candidates?.candidates[place]) return;
    if (!this.#pickedByHand || this.#leadIsTaken) this.role = nextRole(this.tasks);
    this.choice = place;
    this.#pickedByHand = true;
  }

  /** Dispatches the chosen candidate. The screen changes when the event arrives over the feed. */
  async send(): Promise<void> {
    if (!this.canSend || !this.incident || !this.chosen) return;
    await this.#perform(this.incident.id, this.#parts.calls.send(this.incident.id, this.chosen.force, this.role));
  }

  async recall(task: Task): Promise<void> {
    await this.#perform(task.incident, this.#parts.calls.stepTask(task.id, "recall", {}));
  }

  /** Recalls an unanswered task, then dispatches the next candidate in its role. */
  async sendInstead(task: Task, next: Candidate): Promise<void> {
    const both = this.#parts.calls.stepTask(task.id, "recall", { reason: "unanswered" }).then(() => this.#parts.calls.send(task.incident, next.force, task.role));
    await this.#perform(task.incident, both);
  }

  async close(incident: Incident, note: string): Promise<void> {
    await this.#perform(incident.id, this.#parts.calls.closeIncident(incident.id, incident.version, note));
  }

  startPlacing(): void {
    this.placing = this.opened;
  }

  stopPlacing(): void {
    this.placing = null;
  }

  /** Gives the incident that waits for one its place. */
  async place(lon: number, lat: number): Promise<void> {
    const incident = this.incident;
    const asked = this.placing === incident?.id;
    this.placing = null;
    if (incident && asked) await this.#perform(incident.id, this.#parts.calls.placeIncident(incident.id, incident.version, [lon, lat]));
  }

  async markSeen(incident: Incident): Promise<void> {
    await this.#perform(incident.id, this.#parts.calls.markSeen(incident.id, incident.version));
  }

  /** Fetches again what the feed does not carry, and the incident itself once it has left the feed. */
  async refresh(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const withoutCameras = this.gone || this.cameras === "failed";
    if (!(await this.#isThere(id)) || this.opened !== id) return;
    await Promise.all([withoutCameras && this.#nearCameras(id), this.refreshTimeline(), this.refreshCandidates()]);
  }

  /** Returns whether the open incident can be shown, from the scene or fetched. Sets `gone` where it cannot. */
  async #isThere(id: number): Promise<boolean> {
    if (!this.#parts.scenes.current.incident(id)) {
      const found = await this.#parts.calls.incident(id).catch(() => null);
      if (this.opened !== id) return false;
      this.#archived = found;
    }
    this.gone = this.incident === null;
    if (this.gone) this.#clear();
    return !this.gone;
  }

  async refreshCandidates(): Promise<void> {
    const id = this.opened;
    if (id === null || !this.mayDispatch || (this.incident && (this.incident.status === "closed" || !isPlaced(this.incident)))) return;
    try {
      const found = await this.#fetchCandidates(id);
      if (this.opened !== id) return;
      const force = this.chosen?.force;
      this.candidates = found;
      this.#keepChoice(force);
      if (this.problem === UNREACHABLE) this.problem = null;
    } catch (problem) {
      this.#showProblem(problem);
    }
  }

  /** Chooses the first candidate to lead, where nobody is on the incident; else none. */
  #proposeFirst(): void {
    this.choice = this.tasks.length ? -1 : 0;
    this.role = nextRole(this.tasks);
    this.#pickedByHand = false;
  }

  /** Keeps the chosen force among new candidates. A pick that was dispatched, or would be a second lead, is over. */
  #keepChoice(force: number | undefined): void {
    const sent = this.tasks.some((task) => task.force === force);
    if (!this.#pickedByHand || sent || this.#leadIsTaken) this.#proposeFirst();
    const place = this.candidates?.candidates.findIndex((candidate) => candidate.force === force) ?? -1;
    // A force picked by hand is never replaced by another one silently.
    if (this.#pickedByHand || (place >= 0 && this.choice >= 0)) this.choice = place;
  }

  async refreshTimeline(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const log = await this.#parts.calls.timeline(id).catch(() => null);
    if (log && this.opened === id) this.timeline = log.items;
  }

  async #nearCameras(id: number): Promise<void> {
    const found = await this.#parts.calls.nearCameras(id).then(({ items }) => items, () => "failed" as const);
    if (this.opened === id) this.cameras = found;
  }

  /** Fetches the candidates of an incident, one request at a time: the cursor prefetches them. */
  #fetchCandidates(id: number): Promise<Candidates> {
    const asked = this.#asked.get(id) ?? this.#parts.calls.candidates(id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  async #perform(incident: number, doing: Promise<unknown>): Promise<void> {
    this.problem = null;
    this.#parts.pending.begin(incident);
    try {
      await doing;
    } catch (problem) {
      this.#parts.pending.end(incident);
      this.#showProblem(problem);
      void this.refreshCandidates();
    }
  }

  #showProblem(problem: unknown): void {
    if (!(problem instanceof ApiError)) throw problem;
    this.problem = problem.code;
  }
}

export const [useDesk, provideDesk] = createContext<Desk>();
