/** Writing the record of incidents: new ones, edits, notes and duplicates. */

import { createContext } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import { ApiError } from "../../../wire/client";
import type { Edits, Incident, TimelineEntry } from "../../../wire/types";
import type { AppState } from "../../../live/app.svelte";
import { Saving, type SavingParts } from "../../../live/saving.svelte";
import { language } from "../../../i18n/index.svelte";
import { freshKey, reportUrl } from "../../../wire/calls";
import type { Desk } from "../desk.svelte";
import { Draft, type Point } from "./draft.svelte";
import type { Written } from "./edits";
import { writtenSince } from "./links";

export type Form = "edit" | "note" | null;

export type RecordParts = Pick<AppState, "pending" | "scenes"> & {
  calls: Pick<
    AppState["calls"],
    "register" | "editIncident" | "correctIncident" | "addNote" | "mergeIncident" | "unmergeIncident" | "dismissDuplicate" | "restoreDuplicate" | "timeline"
  >;
  session: Pick<AppState["session"], "may" | "me" | "check">;
  platform: SavingParts["platform"];
  desk: Pick<Desk, "open" | "back" | "sheet" | "opened" | "toggle"> & { readonly shown: Pick<Desk["shown"], "refreshTimeline"> };
};

export class IncidentRecord {
  readonly #parts: RecordParts;
  readonly draft = new Draft();
  /** The printable report. */
  readonly report: Saving;
  /** The incident that the report is of. */
  reported = $state<number | null>(null);
  /** The form that is open in the incident's panel. */
  form = $state<Form>(null);
  registering = $state(false);
  /** What a click on the map gives, while a form asks for a point. */
  #takes = $state.raw<((point: Point) => void) | null>(null);
  /** The point that a form is about, for the map. */
  pin = $state.raw<Point | null>(null);
  /** The point that the map should move to. */
  look = $state.raw<Point | null>(null);
  /** Edits that are not saved yet, by incident: what was read, and what is written. */
  readonly edits = new Map<number, { base: Incident; written: Written }>();
  /** Notes that are not added yet, by incident. */
  readonly notes = new SvelteMap<number, string>();
  /** Error code of the last refused note, merge or dismissal. */
  problem = $state<string | null>(null);

  constructor(parts: RecordParts) {
    this.#parts = parts;
    this.report = new Saving(parts);
  }

  readonly mayRegister = $derived.by(() => this.sources.length > 0 && !this.#parts.scenes.replaying);
  readonly mayEdit = $derived.by(() => this.#parts.session.may("incidents.edit") && !this.#parts.scenes.replaying);

  /** Sources that this account may report under. */
  get sources(): readonly string[] {
    return this.#parts.session.me?.sources ?? [];
  }

  get takesPoint(): ((point: Point) => void) | null {
    return this.#takes;
  }

  /** Asks for points until the returned function is called. */
  askForPoint(take: (point: Point) => void): () => void {
    this.#takes = take;
    return () => {
      if (this.#takes === take) this.#takes = null;
    };
  }

  /** Another incident has been opened: its panel begins without a form. */
  begin(): void {
    this.form = null;
    this.problem = null;
  }

  /** Shows a point on the map until the returned function is called. */
  showPin(point: Point | null): () => void {
    this.pin = point;
    return () => (this.pin = null);
  }

  lookAt(point: Point): void {
    this.look = point;
  }

  /** Opens the form of a new incident, or closes it and keeps what it holds. */
  toggleNew(): void {
    if (this.mayRegister) this.#parts.desk.toggle("new");
  }

  /** Closes the form of a new incident, and keeps what it holds. */
  closeNew(): void {
    this.#parts.desk.back();
  }

  /** Opens another incident, such as a likely duplicate. */
  show(id: number): void {
    void this.#parts.desk.open(id);
  }

  /** Shows the printable report of the open incident, in the language in use. */
  print(): void {
    const { opened } = this.#parts.desk;
    if (opened === null) return;
    this.reported = opened;
    void this.report.show(reportUrl(opened, language.locale));
  }

  open(form: Exclude<Form, null>): void {
    if (this.mayEdit && this.#parts.desk.opened !== null) this.form = this.form === form ? null : form;
  }

  /** Registers the draft and opens the incident. What is written stays until the server has it. */
  async register(): Promise<void> {
    const { draft } = this;
    if (this.registering || !draft.check()) return;
    this.registering = true;
    draft.problem = null;
    try {
      const made = await this.#parts.calls.register(draft.body(), draft.key(freshKey));
      draft.clear();
      if (this.#parts.desk.sheet === "new") this.#parts.desk.sheet = null;
      await this.#parts.desk.open(made.id);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      draft.refuse(problem);
    } finally {
      this.registering = false;
    }
  }

  /** Saves edits of the version that was read; a closed incident takes them as a correction. Throws `ApiError`. */
  async save(incident: Incident, edits: Edits, reason: string): Promise<void> {
    const { calls } = this.#parts;
    await this.#begun(incident.id, () =>
      reason ? calls.correctIncident(incident.id, incident.version, { ...edits, reason }) : calls.editIncident(incident.id, incident.version, edits),
    );
  }

  /** Adds a note; returns whether it was written. */
  note(incident: Incident, words: string): Promise<boolean> {
    return this.#try(incident.id, () => this.#parts.calls.addNote(incident.id, words));
  }

  /** Closes `twin` as the same as `main`, and opens `main`. */
  async merge(twin: Incident, main: Incident): Promise<void> {
    const merged = await this.#try(twin.id, () => this.#parts.calls.mergeIncident(twin.id, main.id));
    if (merged && this.#parts.desk.opened === twin.id) await this.#parts.desk.open(main.id);
  }

  /** What was recorded on the main incident since another one was merged into it; null where that cannot be read. */
  async sinceMerge(twin: number, main: number): Promise<TimelineEntry[] | null> {
    try {
      return writtenSince((await this.#parts.calls.timeline(main)).items, twin);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      return problem.status === 404 ? [] : null;
    }
  }

  unmerge(id: number, entries: readonly number[] = []): Promise<boolean> {
    return this.#try(id, () => this.#parts.calls.unmergeIncident(id, entries));
  }

  dismiss(incident: Incident, other: number): Promise<boolean> {
    return this.#try(incident.id, () => this.#parts.calls.dismissDuplicate(incident.id, other));
  }

  restore(incident: number, other: number): Promise<boolean> {
    return this.#try(incident, () => this.#parts.calls.restoreDuplicate(incident, other));
  }

  async #try(id: number, doing: () => Promise<unknown>): Promise<boolean> {
    this.problem = null;
    try {
      await this.#begun(id, doing);
      return true;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      this.problem = problem.code;
      return false;
    }
  }

  /** Marks an action as pending until its event comes back, or it fails. */
  async #begun(id: number, doing: () => Promise<unknown>): Promise<void> {
    this.#parts.pending.begin(id);
    try {
      await doing();
    } catch (problem) {
      this.#parts.pending.end(id);
      throw problem;
    }
    await this.#parts.desk.shown.refreshTimeline();
  }
}

/** Which of two is the main incident: the one with forces on it, else the older. */
export function mainOf(one: Incident, other: Incident, isServed: (id: number) => boolean): Incident {
  if (isServed(one.id) !== isServed(other.id)) return isServed(one.id) ? one : other;
  return one.id < other.id ? one : other;
}

export const [useRecord, provideRecord] = createContext<IncidentRecord>();
