/** When an operator is called: at most ten times in ten minutes, however much happens, with no critical alarm lost. Pure.
 *
 * An alarm has an owner, who acts on it, and an action. Those of one kind are one card, whose count is always true; a call
 * is what reaches ear and screen reader, and tells of everything that is new since the call before.
 */

export type AlarmKind = "support" | "high_risk" | "declined" | "unanswered" | "overdue" | "differs" | "far";

/** `owner`: `area`, every operator of the incident's area; `sender`, who dispatched the force. `action`: the next step. */
type Rules = { critical: boolean; owner: "area" | "sender"; action: "dispatch" | "replace" | "look"; sound: SoundName | null };
export type SoundName = "urgent" | "attend" | "sos";

/** Every kind of alarm, the most serious first. */
export const ALARMS: { readonly [K in AlarmKind]: Rules } = {
  support: { critical: true, owner: "sender", action: "dispatch", sound: "urgent" },
  high_risk: { critical: true, owner: "area", action: "dispatch", sound: "urgent" },
  declined: { critical: false, owner: "sender", action: "replace", sound: "attend" },
  unanswered: { critical: false, owner: "sender", action: "replace", sound: "attend" },
  overdue: { critical: false, owner: "area", action: "dispatch", sound: "attend" },
  differs: { critical: false, owner: "area", action: "look", sound: null },
  far: { critical: false, owner: "sender", action: "look", sound: null },
};
export const KINDS = Object.keys(ALARMS) as AlarmKind[];

/** The alarms of one kind that stand: their ids, the most urgent first. */
export type Standing = { kind: AlarmKind; ids: readonly number[] };

/** One call: how many are new, by kind, the most serious first. */
export type Call = { readonly fresh: readonly { kind: AlarmKind; n: number }[]; critical: boolean };

export const WINDOW_MS = 600_000;
export const AT_MOST = 10;
/** So many calls may follow each other at once; after that one every `EVERY_MS`, which keeps any ten minutes to `AT_MOST`. */
const BURST = 3;
export const EVERY_MS = Math.ceil(WINDOW_MS / (AT_MOST - BURST));
/** Calls that are kept for critical alarms. */
const RESERVED = 1;

/** `credit`: how many calls may be made at `at`. `told`: alarms that a call has told of. */
export type CallLog = { readonly credit: number; readonly at: number; readonly told: ReadonlySet<string> };

export const silent = (now: number): CallLog => ({ credit: BURST, at: now, told: new Set() });

const key = (kind: AlarmKind, id: number) => `${kind}:${id}`;

/** The log at a moment, and the call to make, if any. Alarms that stand no longer may be told of again. */
export function callAt(log: CallLog, standing: readonly Standing[], now: number): { log: CallLog; call: Call | null } {
  const credit = Math.min(BURST, log.credit + Math.max(0, now - log.at) / EVERY_MS);
  const untold = standing.map(({ kind, ids }) => ({ kind, n: ids.filter((id) => !log.told.has(key(kind, id))).length }));
  const fresh = untold.filter(({ n }) => n > 0);
  const critical = fresh.some(({ kind }) => ALARMS[kind].critical);
  if (!fresh.length || credit < 1 + (critical ? 0 : RESERVED)) return { log: { credit, at: now, told: stillToldOf(log, standing) }, call: null };
  const told = new Set(standing.flatMap(({ kind, ids }) => ids.map((id) => key(kind, id))));
  const bySeverity = [...fresh].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  return { log: { credit: credit - 1, at: now, told }, call: { fresh: bySeverity, critical } };
}

function stillToldOf({ told }: CallLog, standing: readonly Standing[]): ReadonlySet<string> {
  return new Set(standing.flatMap(({ kind, ids }) => ids.map((id) => key(kind, id)).filter((one) => told.has(one))));
}

/** The sound of a call: that of its most serious kind. */
export function soundOf({ fresh }: Call): SoundName | null {
  return fresh.map(({ kind }) => ALARMS[kind].sound).find((sound) => sound !== null) ?? null;
}
