/** Entries of a case in the words of its flow: the move, what was filled in, and what became of the case. */

import { dayAndTime, dayInWords } from "../../i18n/format";
import { named, t } from "../../i18n/index.svelte";
import type { FlowWords } from "../../live/flowwords.svelte";
import type { Filled, FormField } from "../../wire/cases";
import type { TimelineEntry } from "../../wire/types";
import { barInWords, listed } from "./words";

export type EntryWords = { flow: FlowWords; unit: (code: string) => string };
/** A move that the server makes when a limit is due: `overdue` of one that was made, `due_move` of one that was barred. */
type OfLimit = { overdue?: string; due_move?: string; limit?: string; due_at?: string; reason?: string; conditions?: string[]; units?: string[] };
type Data = OfLimit & { note?: string; move?: string; pack?: string; from?: string; to?: string; form?: Filled; unit?: string; set?: Record<string, unknown> };

export const isOfCase = ({ kind }: Pick<TimelineEntry, "kind">): boolean => kind.startsWith("case.");

/** The move's name, or empty for an entry that is no move. */
export function headOf(entry: Pick<TimelineEntry, "data">, { flow }: EntryWords): string {
  const { move, pack } = entry.data as Data;
  return move ? flow.word("moves", move, pack) : "";
}

/** One line for each thing that an entry says beside its head. */
export function linesOf(entry: Pick<TimelineEntry, "data">, words: EntryWords): string[] {
  const data = entry.data as Data;
  return [...limitOf(data, words), ...changesOf(data, words), ...formOf(data, words)];
}

function limitOf({ overdue, due_move, limit = overdue, due_at, reason, conditions, units, pack }: Data, { flow, unit }: EntryWords): string[] {
  if (!limit || !due_at || !(overdue ?? due_move)) return [];
  const when = t("case.entry.due", { limit: flow.word("limits", limit, pack), when: dayAndTime(due_at) });
  if (!due_move) return [when];
  const why = reason ? barInWords({ reason, conditions, units } as Parameters<typeof barInWords>[0], { flow, version: pack, unit }) : "";
  return [flow.word("moves", due_move, pack), when, why].filter(Boolean);
}

function changesOf(data: Data, { flow, unit }: EntryWords): string[] {
  const { pack, from, to, set = {} } = data;
  const stage = (code: string) => flow.word("stages", code, pack);
  const lines: string[] = [];
  if (to && from && from !== to) lines.push(t("case.entry.stage", { from: stage(from), to: stage(to) }));
  else if (to && !from) lines.push(t("case.entry.stage.to", { to: stage(to) }));
  const owner = unitOf(set.owner);
  if (owner) lines.push(t("case.entry.unit", { name: unit(owner) }));
  const offered = unitOf(set.offer);
  if (offered) lines.push(t("case.entry.offer", { name: unit(offered) }));
  if (typeof set.level === "string") lines.push(t("case.entry.level", { name: flow.word("levels", set.level, pack) }));
  if (typeof set.lane === "string") lines.push(t("case.entry.lane", { name: flow.word("lanes", set.lane, pack) }));
  if (!data.move && data.unit) lines.push(unit(data.unit));
  return lines;
}

function unitOf(holder: unknown): string | null {
  const { unit } = (holder ?? {}) as { unit?: unknown };
  return typeof unit === "string" ? unit : null;
}

/** What changes say already is not said again. */
const SAID = ["lane", "level"];

function formOf({ move, pack, form: filled = {}, note }: Data, words: EntryWords): string[] {
  // What was written freely stands beside the form.
  const form: Filled = note === undefined ? filled : { ...filled, note };
  const fields = words.flow.of(pack)?.moves.find((one) => one.code === move)?.form ?? [];
  const known = fields.filter((field) => !field.confirm && field.code in form && !SAID.includes(field.code));
  const unknown = Object.keys(form).filter((code) => !fields.some((field) => field.code === code));
  return [
    ...known.map((field) => `${named(field.names)}${t("case.entry.colon")}${valueOf(field, form[field.code], words)}`),
    ...unknown.map((code) => `${code}${t("case.entry.colon")}${String(form[code])}`),
  ];
}

function valueOf(field: FormField, value: Filled[string] | undefined, { unit }: EntryWords): string {
  if (Array.isArray(value)) return listed(value.map(unit));
  if (typeof value === "boolean") return t(value ? "case.field.yes" : "case.field.no");
  const text = String(value);
  if (field.type === "unit") return unit(text);
  if (field.type === "date") return dayInWords(text);
  return named(field.choices.find((one) => one.code === text)?.names) || text;
}

export type Filter = "all" | "moves" | "field" | "notes";

/** Whether an entry is of a kind of record. */
export function isOf({ kind }: Pick<TimelineEntry, "kind">, filter: Filter): boolean {
  if (filter === "moves") return kind.startsWith("case.") || ["registered", "closed", "merged", "unmerged", "edited", "corrected"].includes(kind);
  if (filter === "field") return kind.startsWith("task.") || kind.startsWith("alarm.") || kind.startsWith("first_response.") || kind === "case.field_finished";
  return filter === "all" || kind === "noted";
}
