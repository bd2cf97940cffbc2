/** What a phone keeps until the server has answered it, and what an answer makes of it. Pure. */

import type { CommandAnswer, CommandLine, CommandName } from "../../wire/commands";
import type { Task } from "../../wire/types";

/** `unsent`: to be sent, and sent again. `review`: the server has kept it, but a person has to look at it. `dismissed`:
 * somebody has, and the server is still to be told. */
export type Entry = {
  id: string;
  author: number;
  seq: number;
  /** When it was given, by this phone's clock, in epoch milliseconds. */
  at: number;
  line: CommandLine;
  state: "unsent" | "review" | "dismissed";
  status?: CommandAnswer["status"];
  code?: string;
  params?: Record<string, unknown>;
};

export const MOST_AT_ONCE = 500;

/** The next batch: this author's in order, those in review left out unless they wait. */
export function batchOf(entries: readonly Entry[], author: number): Entry[] {
  const own = entries.filter((entry) => entry.author === author && entry.state === "unsent");
  return own.sort((a, b) => a.seq - b.seq).slice(0, MOST_AT_ONCE);
}

/** An entry after its answer: null where nothing is left to do. */
export function answered(entry: Entry, answer: CommandAnswer): Entry | null {
  const said = { status: answer.status, ...(answer.code ? { code: answer.code } : {}), ...(answer.params ? { params: answer.params } : {}) };
  if (answer.status === "applied") return null;
  if (answer.status === "refused" || answer.status === "review") return { ...entry, ...said, state: "review" };
  return { ...entry, ...said };
}

const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

/** How long to wait after so many attempts in a row that failed: longer each time, and never the same for all phones. */
export function pauseAfter(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return longest * (0.5 + random() / 2);
}

const AFTER: Partial<Record<CommandName, Task["status"]>> = {
  accept: "accepted",
  depart: "departed",
  arrive: "arrived",
  finish: "finished",
  decline: "declined",
  give_back: "declined",
};

/** A step that was given here. `version`: of the task after it, once the server has told. */
export type Given = { line: CommandLine; version?: number | null };

/** A task as it stands after the steps that were given here and that it does not show yet. */
export function projected(task: Task, given: readonly Given[]): Task {
  const steps = given.filter(({ line, version }) => line.task === task.id && (version ?? Infinity) > task.version);
  return steps.reduce((before, { line }) => after(before, line), task);
}

function after(task: Task, line: CommandLine): Task {
  if (line.command === "support") return { ...task, support_asked_at: line.device_at };
  const status = AFTER[line.command];
  if (status === undefined || !task.active) return task;
  const active = status !== "finished" && status !== "declined";
  const ended = active ? {} : { ended_at: line.device_at, reason: line.reason ?? null, note: line.note ?? "" };
  return { ...task, ...ended, status, active };
}

/** A UUIDv7: in order of time, so that the server's index grows at one end. */
export function freshId(now: number, random: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
  const time = now.toString(16).padStart(12, "0").slice(-12);
  const hex = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[Number.parseInt(hex[3] ?? "0", 16) % 4];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}
