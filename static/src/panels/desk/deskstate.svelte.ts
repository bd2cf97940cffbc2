/** What the desk has open, and the words that speak for a category. */

import type { Calls } from "../../wire/calls";
import { ApiError } from "../../wire/client";
import type { DeskCalls, DeskHint } from "../../wire/desk";
import type { Incident, TimelineEntry } from "../../wire/types";

/** More than a place has open within the hours in which two reports may be of one thing. */
const MOST_LATEST = 200;

export class DeskState {
  readonly #calls: Pick<Calls, "incident" | "incidents" | "timeline">;
  readonly #desk: Pick<DeskCalls, "settings">;
  /** The incident whose case is open; null while the form of a visit is. */
  incident = $state.raw<Incident | null>(null);
  entries = $state.raw<readonly TimelineEntry[]>([]);
  /** The latest incidents within reach, among which duplicates are looked for. */
  latest = $state.raw<readonly Incident[]>([]);
  hints = $state.raw<readonly DeskHint[]>([]);
  #asked: number | null = null;

  constructor({ calls, desk }: { calls: Pick<Calls, "incident" | "incidents" | "timeline">; desk: Pick<DeskCalls, "settings"> }) {
    this.#calls = calls;
    this.#desk = desk;
  }

  /** Without hints the desk suggests nothing; they are asked for once. */
  async load(): Promise<void> {
    try {
      this.hints = (await this.#desk.settings()).hints;
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  /** Fetches the latest incidents. */
  async look(): Promise<void> {
    const page = await this.#calls.incidents(MOST_LATEST).catch(() => null);
    if (page) this.latest = page.items;
  }

  show(incident: Incident): void {
    this.#asked = incident.id;
    this.incident = incident;
    this.entries = [];
    void this.refresh();
  }

  async open(id: number): Promise<void> {
    this.#asked = id;
    const found = await this.#calls.incident(id).catch(() => null);
    if (found && this.#asked === id) this.show(found);
  }

  close(): void {
    this.#asked = null;
    this.incident = null;
    this.entries = [];
  }

  /** Fetches the open incident and its record again. */
  async refresh(): Promise<void> {
    const id = this.#asked;
    if (id === null) return;
    const [incident, log] = await Promise.all([this.#calls.incident(id).catch(() => null), this.#calls.timeline(id).catch(() => null)]);
    if (this.#asked !== id) return;
    if (incident) this.incident = incident;
    if (log) this.entries = log.items;
  }
}
