/** What the operator has before them: where the cursor stands, which matter is open, whom they would send. */

import { createContext } from "svelte";
import { ApiError } from "../../wire/client";
import type { Candidate, Candidates, Incident, NearCamera, Task, TimelineEntry } from "../../wire/types";
import type { AppState } from "../../live/app.svelte";
import { isWaiting } from "../../live/urgency";

export type QueueFilter = "waiting" | "served" | "all";
export type Sheet = "layers" | "search" | "help" | "time" | null;

const UNREACHABLE = "unreachable";

export type DeskParts = Pick<AppState, "pending" | "scenes"> & {
  calls: Pick<
    AppState["calls"],
    "incident" | "candidates" | "nearCameras" | "timeline" | "send" | "stepTask" | "closeIncident"
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
  /** Null until they are known. */
  cameras = $state.raw<NearCamera[] | "failed" | null>(null);
  timeline = $state.raw<TimelineEntry[]>([]);
  /** Place of the chosen candidate in the list; -1 when the one who was chosen by hand can be sent no more. */
  choice = $state(0);
  #byHand = false;
  /** The code of the last refusal that concerns the open matter. */
  problem = $state<string | null>(null);
  /** Whether what is open could not be found. */
  gone = $state(false);
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

  readonly task = $derived.by(() => (this.opened === null ? undefined : this.#parts.scenes.current.activeTasks.get(this.opened)));

  readonly chosen = $derived(this.candidates?.candidates[this.choice] ?? null);

  readonly mayDispatch = $derived.by(() => this.#parts.session.may("tasks.dispatch") && !this.#parts.scenes.replaying);

  readonly canSend = $derived.by(
    () =>
      this.mayDispatch &&
      this.incident !== null &&
      isWaiting(this.incident) &&
      this.chosen !== null &&
      !this.#parts.scenes.live.busy.has(this.chosen.force) &&
      !this.#parts.pending.has(this.incident.id),
  );

  /** Moves the cursor by rows and tells its new place in the list, or -1 in an empty one. */
  move(rows: number): number {
    const at = this.list.findIndex((incident) => incident.id === this.cursor);
    const to = at < 0 ? 0 : Math.min(Math.max(at + rows, 0), this.list.length - 1);
    const incident = this.list[to];
    this.cursor = incident?.id ?? null;
    if (incident && isWaiting(incident) && this.mayDispatch) void this.#ask(incident.id).catch(() => undefined);
    return incident ? to : -1;
  }

  async open(id: number): Promise<void> {
    this.cursor = id;
    if (this.opened === id) return;
    this.opened = id;
    this.candidates = null;
    this.cameras = null;
    this.timeline = [];
    this.choice = 0;
    this.#byHand = false;
    this.problem = null;
    this.gone = false;
    if (!(await this.#isThere(id)) || this.opened !== id) return;
    await Promise.all([this.refreshCandidates(), this.refreshTimeline(), this.#nearCameras(id)]);
  }

  back(): void {
    if (this.sheet) this.sheet = null;
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
    this.choice = place;
    this.#byHand = true;
  }

  /** Sends the chosen candidate. The screen changes when the feed says so. */
  async send(): Promise<void> {
    if (!this.canSend || !this.incident || !this.chosen) return;
    await this.#act(this.incident.id, this.#parts.calls.send(this.incident.id, this.chosen.force));
  }

  async recall(task: Task): Promise<void> {
    await this.#act(task.incident, this.#parts.calls.stepTask(task.id, "recall", {}));
  }

  /** Recalls a task that nobody answers and sends the next one in its place. */
  async sendInstead(task: Task, next: Candidate): Promise<void> {
    const both = this.#parts.calls.stepTask(task.id, "recall", { reason: "unanswered" }).then(() => this.#parts.calls.send(task.incident, next.force));
    await this.#act(task.incident, both);
  }

  async close(incident: Incident, note: string): Promise<void> {
    await this.#act(incident.id, this.#parts.calls.closeIncident(incident.id, incident.version, note));
  }

  /** Fetches again what the feed does not bring, and the incident itself where the feed has taken it away. */
  async refresh(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const wasGone = this.gone;
    if (!(await this.#isThere(id)) || this.opened !== id) return;
    await Promise.all([wasGone && this.#nearCameras(id), this.refreshTimeline(), this.refreshCandidates()]);
  }

  /** Whether the open incident can be shown: from the picture, else fetched. Sets `gone` where it cannot. */
  async #isThere(id: number): Promise<boolean> {
    if (!this.#parts.scenes.current.incident(id)) {
      const found = await this.#parts.calls.incident(id).catch(() => null);
      if (this.opened !== id) return false;
      this.#archived = found;
    }
    this.gone = this.incident === null;
    return !this.gone;
  }

  async refreshCandidates(): Promise<void> {
    const id = this.opened;
    if (id === null || !this.mayDispatch || (this.incident && this.incident.status === "closed")) return;
    try {
      const found = await this.#ask(id);
      if (this.opened !== id) return;
      const force = this.chosen?.force;
      // Once somebody has the matter in hand, the pick has been heeded.
      if (this.task) this.#byHand = false;
      this.candidates = found;
      const place = found.candidates.findIndex((candidate) => candidate.force === force);
      // Nobody else is sent in the place of one whom the operator has picked.
      this.choice = place < 0 && !this.#byHand ? 0 : place;
      if (this.problem === UNREACHABLE) this.problem = null;
    } catch (problem) {
      this.#refused(problem);
    }
  }

  async refreshTimeline(): Promise<void> {
    const id = this.opened;
    if (id === null) return;
    const told = await this.#parts.calls.timeline(id).catch(() => null);
    if (told && this.opened === id) this.timeline = told.items;
  }

  async #nearCameras(id: number): Promise<void> {
    const found = await this.#parts.calls.nearCameras(id).then(({ items }) => items, () => "failed" as const);
    if (this.opened === id) this.cameras = found;
  }

  /** One question at a time for each matter: the cursor asks ahead of the hand that opens. */
  #ask(id: number): Promise<Candidates> {
    const asked = this.#asked.get(id) ?? this.#parts.calls.candidates(id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  async #act(incident: number, doing: Promise<unknown>): Promise<void> {
    this.problem = null;
    this.#parts.pending.begin(incident);
    try {
      await doing;
    } catch (problem) {
      this.#parts.pending.end(incident);
      this.#refused(problem);
      void this.refreshCandidates();
    }
  }

  #refused(problem: unknown): void {
    if (!(problem instanceof ApiError)) throw problem;
    this.problem = problem.code;
  }
}

export const [useDesk, provideDesk] = createContext<Desk>();
