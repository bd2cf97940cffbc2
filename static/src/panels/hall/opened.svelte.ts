/** The open incident: its state and tasks from the scene, and what is fetched for it. */

import type { NearCamera, Incident, Task, TimelineEntry } from "../../wire/types";
import type { AppState } from "../../live/app.svelte";

export type OpenedParts = Pick<AppState, "scenes"> & {
  calls: Pick<AppState["calls"], "incident" | "nearCameras" | "timeline">;
  session: Pick<AppState["session"], "may" | "me">;
};

export class OpenedIncident {
  readonly #parts: OpenedParts;
  id = $state<number | null>(null);
  /** Whether it could not be fetched. */
  gone = $state(false);
  /** Null until they are loaded. */
  cameras = $state.raw<NearCamera[] | "failed" | null>(null);
  /** Whether there is a video platform to view cameras on. */
  videoPlatform = $state(false);
  timeline = $state.raw<TimelineEntry[]>([]);
  #archived = $state.raw<Incident | null>(null);
  /** The tasks that stood when the incident was opened, or that the operator has looked at since. */
  #knownTasks = $state.raw<ReadonlySet<number>>(new Set());

  constructor(parts: OpenedParts) {
    this.#parts = parts;
  }

  readonly incident = $derived.by(() => {
    if (this.id === null) return null;
    return this.#parts.scenes.current.incident(this.id) ?? (this.#archived?.id === this.id ? this.#archived : null);
  });

  /** Its active tasks, the lead first. */
  readonly tasks = $derived.by(() => (this.id === null ? [] : this.#parts.scenes.current.activeTasksOf(this.id)));

  readonly mayDispatch = $derived.by(() => this.#parts.session.may("tasks.dispatch") && !this.#parts.scenes.replaying);

  /** Tasks on it that a colleague has added since it was opened. */
  readonly news = $derived.by(() => this.tasks.filter((task) => !this.#knownTasks.has(task.id) && !this.isMine(task)));

  /** Whether this account sent the force. */
  isMine(task: Task): boolean {
    return task.assigned_by !== null && task.assigned_by === this.#parts.session.me?.id;
  }

  /** Takes notice of what colleagues have sent. */
  seeNews(): void {
    this.#knownTasks = new Set(this.tasks.map((task) => task.id));
  }

  begin(id: number): void {
    this.id = id;
    this.gone = false;
    this.forget();
    this.seeNews();
  }

  end(): void {
    this.id = null;
    this.gone = false;
  }

  /** Forgets what was fetched for it. */
  forget(): void {
    this.cameras = null;
    this.timeline = [];
  }

  /** Returns whether the incident is open and can be shown, from the scene or fetched. Sets `gone` where it cannot. */
  async find(id: number): Promise<boolean> {
    if (!this.#parts.scenes.current.incident(id)) {
      const found = await this.#parts.calls.incident(id).catch(() => null);
      if (this.id !== id) return false;
      this.#archived = found;
    }
    this.gone = this.incident === null;
    return !this.gone;
  }

  async refreshTimeline(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const log = await this.#parts.calls.timeline(id).catch(() => null);
    if (log && this.id === id) this.timeline = log.items;
  }

  async refreshCameras(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const found = await this.#parts.calls.nearCameras(id).catch(() => null);
    if (this.id !== id) return;
    this.cameras = found?.items ?? "failed";
    this.videoPlatform = found?.platform ?? false;
  }
}
