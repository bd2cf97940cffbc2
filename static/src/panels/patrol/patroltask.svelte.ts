/** The force's active task, its incident and the next step. */

import { createContext } from "svelte";
import type { TaskAnswer } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { Companion, Incident, Task, TaskStep } from "../../wire/types";
import type { AppState } from "../../live/app.svelte";
import { minutesAway } from "../../live/arrival";
import { metresBetween } from "../../live/metres";
import { pointOf } from "../../live/placed";
import { NEXT_STEP } from "../../live/roles";

/** About 300 m round a place. */
const MARGIN_DEGREES = 0.003;

/** The box of some points with a margin: west, south, east, north. */
export function boxOf(points: readonly (readonly [number, number])[]): [number, number, number, number] {
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const [low, high] = [(all: number[]) => Math.min(...all) - MARGIN_DEGREES, (all: number[]) => Math.max(...all) + MARGIN_DEGREES];
  return [low(lons), low(lats), high(lons), high(lats)];
}

export type PatrolTaskParts = Pick<AppState, "pending" | "scenes" | "attention"> & {
  calls: Pick<AppState["calls"], "stepTask" | "ownTasks" | "askSupport">;
  session: Pick<AppState["session"], "me" | "county">;
};

export class PatrolTask {
  readonly #parts: PatrolTaskParts;
  /** Error code of the last refused step. */
  problem = $state<string | null>(null);
  /** The form that is open below the task. */
  form = $state<"decline" | "give_back" | "support" | null>(null);
  note = $state("");
  outcome = $state("");
  /** This force's completed, declined and recalled tasks, latest first. */
  ended = $state.raw<{ task: Task; incident: Incident }[]>([]);

  /** The ids of the photos and voice notes of a task: each step tells of them, so that the hall knows what is to come. */
  taken: (task: number) => readonly string[] = () => [];

  /** The other forces on the incident, the lead first. */
  companions = $state.raw<readonly Companion[]>([]);

  constructor(parts: PatrolTaskParts) {
    this.#parts = parts;
  }

  readonly force = $derived.by(() => this.#parts.session.me?.force ?? null);
  readonly task = $derived.by(() => (this.force === null ? undefined : this.#parts.scenes.live.busy.get(this.force)));
  readonly incident = $derived.by(() => (this.task ? this.#parts.scenes.live.incident(this.task.incident) : undefined));
  readonly step = $derived(this.task ? NEXT_STEP[this.task.status] : undefined);
  /** Whether the next step can be taken: a task is finished with an outcome. */
  readonly ready = $derived(this.step !== "finish" || this.outcome !== "");
  readonly waiting = $derived.by(() => this.task !== undefined && this.#parts.pending.has(this.task.incident));

  readonly #where = $derived.by(() => {
    void this.#parts.scenes.live.fleet.version;
    return this.force === null ? undefined : this.#parts.scenes.live.fleet.where(this.force);
  });

  readonly #place = $derived(this.incident ? pointOf(this.incident) : null);

  /** Metres from the force to the incident; null without a position. */
  readonly distance = $derived(this.#where && this.#place ? metresBetween(this.#where, this.#place) : null);

  /** Minutes to the incident; null where unknown. */
  readonly minutes = $derived.by(() => {
    const { scenes, session } = this.#parts;
    return this.task ? minutesAway({ task: this.task, county: session.county, scene: scenes.live, now: scenes.now }) : null;
  });

  /** Start of the line to the incident: the last fix, else the home post. */
  readonly #from = $derived.by((): [number, number][] => {
    const own = this.force === null ? undefined : this.#parts.scenes.live.force(this.force);
    return this.#where ? [this.#where] : own ? [[own.home_lon, own.home_lat]] : [];
  });

  /** Bounding box of the incident and the line to it; null without an incident. */
  readonly way = $derived(this.#place ? boxOf([this.#place, ...this.#from]) : null);

  /** Clears what belongs to the previous task, open form, note, error, and announces one that waits for an answer. */
  begin(): void {
    this.problem = null;
    this.form = null;
    this.note = "";
    this.outcome = "";
    if (this.task?.status === "assigned") this.#parts.attention.announceTask();
  }

  /** Takes the next step, the last one with its outcome. */
  async next(): Promise<void> {
    if (!this.step || !this.ready) return;
    await this.perform(this.step, this.step === "finish" ? { reason: this.outcome, note: this.note.trim() } : {});
  }

  async perform(step: TaskStep, answer: TaskAnswer = {}): Promise<void> {
    const attachments = this.task ? this.taken(this.task.id) : [];
    const said = attachments.length ? { ...answer, attachments } : answer;
    if (await this.#try((task) => this.#parts.calls.stepTask(task.id, step, said))) this.note = "";
  }

  async askSupport(note: string): Promise<void> {
    await this.#try((task) => this.#parts.calls.askSupport(task.id, note));
  }

  /** Returns whether the server has taken it. The screen changes when the event arrives over the feed. */
  async #try(call: (task: Task) => Promise<unknown>): Promise<boolean> {
    const { task, form } = this;
    if (!task || this.waiting) return false;
    this.problem = null;
    this.#parts.pending.begin(task.incident);
    try {
      await call(task);
      // A form that was opened meanwhile is another's.
      if (this.form === form) this.form = null;
      return true;
    } catch (problem) {
      this.#parts.pending.end(task.incident);
      if (!(problem instanceof ApiError)) throw problem;
      this.problem = problem.code;
      return false;
    }
  }

  /** Fetches what the feed does not carry: tasks that have ended, and who else is on the incident. */
  async refresh(): Promise<void> {
    const own = await this.#parts.calls.ownTasks().catch(() => null);
    if (!own) return;
    this.companions = own.items.find((one) => one.active)?.companions ?? [];
    this.ended = own.items.filter((one) => !one.active).map((one) => ({ task: one, incident: one.details }));
  }
}

export const [usePatrolTask, providePatrolTask] = createContext<PatrolTask>();
