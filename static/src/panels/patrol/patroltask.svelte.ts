/** The force's active task, its incident and the next step. */

import { createContext } from "svelte";
import type { TaskAnswer } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { Companion, Incident, OwnTask, Task, TaskStep } from "../../wire/types";
import type { CommandName, Said } from "../../wire/commands";
import { projected } from "../../live/field/entries";
import { StoreProblem } from "../../live/field/store";
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

export type PatrolTaskParts = Pick<AppState, "pending" | "scenes" | "attention" | "field"> & {
  calls: Pick<AppState["calls"], "stepTask" | "ownTasks" | "askSupport">;
  session: Pick<AppState["session"], "me" | "county">;
  /** Where the phone is, while its user shares that. */
  place?: () => Said;
};

/** A step of the force itself. */
export type PatrolStep = Exclude<TaskStep, "recall">;

/** The parts of an `AppState` that a patrol's task uses. */
export function partsOf({ pending, scenes, attention, field, calls, session }: AppState): PatrolTaskParts {
  return { pending, scenes, attention, field, calls, session };
}

export class PatrolTask {
  readonly #parts: PatrolTaskParts;
  /** Error code of the last refused step. */
  problem = $state<string | null>(null);
  /** The form that is open below the task. */
  form = $state<"decline" | "give_back" | "support" | null>(null);
  /** A step is being written to this phone. */
  keeping = $state(false);
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
  /** The task as the server last told it. */
  readonly #known = $derived.by(() => (this.force === null ? undefined : this.#parts.scenes.live.busy.get(this.force)));
  /** The status that the server has told, which is behind that of `task` while steps are kept on this phone. */
  readonly told = $derived.by(() => this.#known?.status);
  /** The task after the steps that are kept on this phone. */
  readonly task = $derived.by(() => {
    const task = this.#known && projected(this.#known, this.#parts.field.given);
    return task?.active ? task : undefined;
  });
  readonly incident = $derived.by(() => (this.task ? this.#parts.scenes.live.incident(this.task.incident) : undefined));
  readonly step = $derived(this.task ? NEXT_STEP[this.task.status] : undefined);
  /** Whether the next step can be taken: a task is finished with an outcome. */
  readonly ready = $derived(this.step !== "finish" || this.outcome !== "");
  readonly waiting = $derived.by(() => this.keeping || (this.task !== undefined && this.#parts.pending.has(this.task.incident)));

  /** Where the server knows the force to be, by its last fix. */
  readonly where = $derived.by(() => {
    void this.#parts.scenes.live.fleet.version;
    return this.force === null ? undefined : this.#parts.scenes.live.fleet.where(this.force);
  });

  readonly #place = $derived(this.incident ? pointOf(this.incident) : null);

  /** Metres from the force to the incident; null without a position. */
  readonly distance = $derived(this.where && this.#place ? metresBetween(this.where, this.#place) : null);

  /** Minutes to the incident; null where unknown. */
  readonly minutes = $derived.by(() => {
    const { scenes, session } = this.#parts;
    return this.task ? minutesAway({ task: this.task, county: session.county, scene: scenes.live, now: scenes.now }) : null;
  });

  /** Start of the line to the incident: the last fix, else the home post. */
  readonly #from = $derived.by((): [number, number][] => {
    const own = this.force === null ? undefined : this.#parts.scenes.live.force(this.force);
    return this.where ? [this.where] : own ? [[own.home_lon, own.home_lat]] : [];
  });

  /** The straight line to the incident. */
  readonly straight = $derived(this.#place ? [...this.#from, this.#place] : []);

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

  async perform(step: PatrolStep, answer: TaskAnswer = {}): Promise<void> {
    const attachments = this.task ? this.taken(this.task.id) : [];
    const said = attachments.length ? { ...answer, attachments } : answer;
    if (this.#parts.field.ready) await this.#keep(step, said);
    else if (await this.#try((task) => this.#parts.calls.stepTask(task.id, step, said))) this.note = "";
  }

  async askSupport(note: string): Promise<void> {
    if (this.#parts.field.ready) await this.#keep("support", { note });
    else await this.#try((task) => this.#parts.calls.askSupport(task.id, note));
  }

  /** Keeps a step on this phone, which sends it. The screen shows it at once; the server's word comes over the feed. */
  async #keep(command: CommandName, answer: TaskAnswer): Promise<void> {
    const { task, form } = this;
    if (!task || this.keeping) return;
    this.problem = null;
    this.keeping = true;
    const said = Object.fromEntries(Object.entries(answer).filter(([, value]) => value));
    try {
      await this.#parts.field.give(command, { task: task.id, base_version: task.version, ...said, ...this.#parts.place?.() });
      if (this.form === form) this.form = null;
      if (command !== "support") this.note = "";
    } catch (problem) {
      // The strip of unsent entries says what the storage lacks.
      if (!(problem instanceof StoreProblem)) throw problem;
    } finally {
      this.keeping = false;
    }
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
  async refresh(): Promise<readonly OwnTask[] | null> {
    const own = await this.#parts.calls.ownTasks().catch(() => null);
    if (!own) return null;
    this.companions = own.items.find((one) => one.active)?.companions ?? [];
    this.ended = own.items.filter((one) => !one.active).map((one) => ({ task: one, incident: one.details }));
    return own.items;
  }
}

export const [usePatrolTask, providePatrolTask] = createContext<PatrolTask>();
