/** Alarms that stand: few, grouped by kind, each leading to an action. */

import { untrack } from "svelte";
import type { Incident, Task } from "../wire/types";
import { callAt, KINDS, silent, type AlarmKind, type Call } from "./alarms";
import type { Clock } from "./clock.svelte";
import { fieldNewsOf, type FieldCall } from "./fieldnews";
import { topRisk } from "./names";
import { isUnanswered } from "./roles";
import type { Scenes } from "./scenes.svelte";
import type { Session } from "./session.svelte";
import { dueIn } from "./urgency";

const FIELD_EVERY_MS = 10_000;

/** `ids` of tasks, moments or incidents, and the incidents that they are about, the most urgent first. */
export type Alert = { kind: AlarmKind; ids: readonly number[]; incidents: readonly number[] };

export type AlertsParts = { scenes: Scenes; session: Pick<Session, "county">; clock: Clock };

type Found = readonly (readonly [id: number, incident: number])[];

export class Alerts {
  readonly #parts: AlertsParts;
  /** Acknowledged alarms, as `kind:id`, until they end. */
  #acknowledged = $state.raw<ReadonlySet<string>>(new Set());
  #log = silent(0);

  constructor(parts: AlertsParts) {
    this.#parts = parts;
  }

  readonly #live = $derived.by(() => this.#parts.scenes.live);

  // Read once, not for each waiting incident: with thousands, reading the reactive graph takes longest.
  readonly #highRisk = $derived.by<Found>(() => {
    const gravest = topRisk(this.#parts.session.county);
    return this.#live.waiting.filter((incident) => incident.risk === gravest).map(byIncident);
  });

  readonly #unanswered = $derived.by<Found>(() => [...this.#live.busy.values()].filter(isUnanswered).map(byTask));

  /** What forces say of their tasks; only its age changes with the clock. */
  readonly #field = $derived.by(() => {
    const { live } = this.#parts.scenes;
    const farM = this.#parts.session.county?.far_m ?? Infinity;
    const moment = Math.floor(this.#parts.clock.now / FIELD_EVERY_MS) * FIELD_EVERY_MS;
    return fieldNewsOf({ tasks: live.tasks, incident: (id) => live.incident(id), farM, now: moment });
  });

  /** Reports that came again with other content. Each time is an alarm of its own. */
  readonly #differing = $derived.by<Found>(() =>
    this.#live.queue.filter(({ differs_at }) => differs_at !== null).map(({ differs_at, id }) => [Date.parse(differs_at ?? ""), id]),
  );

  /** Of now, in a replay too. Computed once a second and on a new snapshot, not with every frame. */
  readonly #overdue = $derived.by<Found>(() => {
    const { now } = this.#parts.clock;
    void this.#live.at;
    return untrack(() => this.#live.waiting).filter((incident) => dueIn(incident, now) < 0).map(byIncident);
  });

  readonly #found = $derived.by<Readonly<Record<AlarmKind, Found>>>(() => ({
    support: this.#field.support.map(byMoment),
    high_risk: this.#highRisk,
    declined: this.#field.declined.map(byMoment),
    unanswered: this.#unanswered,
    overdue: this.#overdue,
    differs: this.#differing,
    far: this.#field.far.map(byMoment),
  }));

  /** One card a kind, the most serious first: many of one kind are one card with a count. */
  readonly shown = $derived.by<readonly Alert[]>(() =>
    KINDS.flatMap((kind) => {
      const fresh = this.#found[kind].filter(([id]) => !this.#acknowledged.has(`${kind}:${id}`));
      return fresh.length ? [{ kind, ids: fresh.map(([id]) => id), incidents: fresh.map(([, incident]) => incident) }] : [];
    }),
  );

  /** The incident of the most urgent alarm; the one after it where that is open already. Null without an alarm. */
  next(opened: number | null): number | null {
    const incidents = [...new Set(this.shown.flatMap((alert) => alert.incidents))];
    const at = opened === null ? -1 : incidents.indexOf(opened);
    return incidents[(at + 1) % incidents.length] ?? null;
  }

  acknowledge(alert: Alert): void {
    this.#acknowledged = new Set([...this.#acknowledged, ...alert.ids.map((id) => `${alert.kind}:${id}`)]);
  }

  /** Returns the call to make at this moment, if any, and forgets what has ended. Called once a second from an effect. */
  call(now: number): Call | null {
    this.#forget();
    const { log, call } = callAt(this.#log, this.shown, now);
    this.#log = log;
    return call;
  }

  /** An alarm that ended was acknowledged for that once: when it comes back, it is a new one. */
  #forget(): void {
    if (!this.#acknowledged.size) return;
    const there = new Set(KINDS.flatMap((kind) => this.#found[kind].map(([id]) => `${kind}:${id}`)));
    const kept = [...this.#acknowledged].filter((one) => there.has(one));
    if (kept.length < this.#acknowledged.size) this.#acknowledged = new Set(kept);
  }
}

function byIncident({ id }: Incident): [number, number] {
  return [id, id];
}

/** A call that is repeated is a new one. */
function byMoment({ task, at }: FieldCall): [number, number] {
  return [at, task.incident];
}

function byTask({ id, incident }: Task): [number, number] {
  return [id, incident];
}
