/** Alerts for the operator: few, grouped by kind, each leading to an action. */

import type { Incident, Task } from "../wire/types";
import { admit, type Alarm, type AlarmLog } from "./alarms";
import { fieldNewsOf, type FieldCall } from "./fieldnews";
import { topRisk } from "./names";
import { isUnanswered } from "./roles";
import type { Scenes } from "./scenes.svelte";
import type { Session } from "./session.svelte";

export type Alert = Alarm & { incident: number };

/** Calls of forces change with their tasks; only their age changes with the clock. */
const FIELD_EVERY_MS = 10_000;

/** Its moment and its incident: a call that is repeated is news again. */
const newsOf = ({ task, at }: FieldCall): number[] => [at, task.incident];

export type AlertsParts = { scenes: Scenes; session: Pick<Session, "county"> };

export class Alerts {
  readonly #scenes: Scenes;
  readonly #session: AlertsParts["session"];
  /** Acknowledged alerts, as `kind:id`. */
  #acknowledged = $state.raw<ReadonlySet<string>>(new Set());
  #log: AlarmLog = [];

  constructor({ scenes, session }: AlertsParts) {
    this.#scenes = scenes;
    this.#session = session;
  }

  // Read once, not for each waiting incident: with thousands, reading the reactive graph takes longest.
  readonly #highRisk = $derived.by(() => {
    const gravest = topRisk(this.#session.county);
    return this.#scenes.live.waiting.filter((incident) => incident.risk === gravest);
  });

  readonly #unanswered = $derived.by(() => [...this.#scenes.live.busy.values()].filter(isUnanswered));

  /** Reports that came again with other content. Each time is an alert of its own. */
  readonly #differing = $derived.by(() => this.#scenes.live.queue.filter((incident) => incident.differs_at !== null));

  /** No alerts from a replay. */
  readonly #overdue = $derived.by(() => (this.#scenes.replaying ? [] : this.#scenes.overdue));

  readonly #field = $derived.by(() => {
    const { live, now } = this.#scenes;
    const farM = this.#session.county?.far_m ?? Infinity;
    const moment = Math.floor(now / FIELD_EVERY_MS) * FIELD_EVERY_MS;
    return fieldNewsOf({ tasks: live.tasks, incident: (id) => live.incident(id), farM, now: moment });
  });

  /** At most one card a kind: many of one kind are one card with a count. */
  readonly shown = $derived.by(() => {
    const cards = [
      this.#card("support", true, this.#field.support.map(newsOf)),
      this.#card("high_risk", true, this.#highRisk.map((incident: Incident) => [incident.id, incident.id])),
      this.#card("declined", false, this.#field.declined.map(newsOf)),
      this.#card("unanswered", false, this.#unanswered.map((task: Task) => [task.id, task.incident])),
      this.#card("differs", false, this.#differing.map((incident: Incident) => [Date.parse(incident.differs_at ?? ""), incident.id])),
      this.#card("overdue", false, this.#overdue.map((incident: Incident) => [incident.id, incident.id])),
      this.#card("far", false, this.#field.far.map(newsOf)),
    ];
    return cards.filter((card) => card !== null);
  });

  acknowledge(alert: Alert): void {
    this.#acknowledged = new Set([...this.#acknowledged, ...alert.ids.map((id) => `${alert.kind}:${id}`)]);
  }

  #card(kind: Alert["kind"], critical: boolean, found: number[][]): Alert | null {
    const fresh = found.filter(([id]) => !this.#acknowledged.has(`${kind}:${id}`));
    const [first] = fresh;
    if (!first) return null;
    const alarm = { kind, critical, ids: fresh.map(([id]) => id as number) };
    this.#log = admit(this.#log, alarm, Date.now());
    const admitted = this.#log.some((entry) => entry.kind === kind && entry.admitted);
    return admitted || critical ? { ...alarm, incident: first[1] as number } : null;
  }
}
