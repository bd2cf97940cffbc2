/** A phone's commands on the wire: NDJSON out, an answer by id back. */

import { ApiError, problemOf } from "./client";
import type { Platform } from "./platform";
import type { Schemas } from "./types";

export type CommandName = "accept" | "decline" | "depart" | "arrive" | "give_back" | "finish" | "support" | "note" | "report" | "start_round" | "check_in" | "leave_out" | "end_round" | "visit";

/** What a command says beside its head. */
export type Said = {
  task?: number;
  base_version?: number;
  reason?: string;
  note?: string;
  attachments?: readonly string[];
  lon?: number;
  lat?: number;
  accuracy_m?: number;
  age_s?: number;
  route?: number;
  round?: string;
  point?: string;
  code?: string;
  grid?: string;
  kind?: "household" | "enterprise";
  count?: number;
  matter?: string;
  category?: string;
  title?: string;
  description?: string;
  address?: string;
};

export type CommandLine = Said & { id: string; device: string; device_seq: number; device_at: string; author: number; command: CommandName };

export type CommandAnswer = Schemas["CommandAnswer"];
export type CommandsAnswer = Schemas["CommandsOut"];

/** A request that has no answer by then is taken for lost. What it brought is done once, however often it comes. */
export const LOST_AFTER_MS = 8_000;

export type Batch = { lines: readonly CommandLine[]; device: string; unsent: number; now: number };

/** Sends a batch. Throws `ApiError`, with status 0 for what is no answer of the server: no network, no time, or a page of
 * somebody else's. */
export async function sendCommands(fetch: Platform["fetch"], { lines, device, unsent, now }: Batch): Promise<CommandsAnswer> {
  const query = new URLSearchParams({ sent_at: new Date(now).toISOString(), unsent: String(unsent), device });
  const body = lines.map((line) => JSON.stringify(line)).join("\n");
  const headers = { Accept: "application/json", "Content-Type": "application/x-ndjson" };
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/commands?${query}`, { method: "POST", headers, body, credentials: "same-origin", signal: AbortSignal.timeout(LOST_AFTER_MS) });
    text = await response.text();
  } catch {
    throw new ApiError(0, "unreachable");
  }
  if (!response.ok) throw problemOf({ response, text });
  try {
    const answer = JSON.parse(text) as CommandsAnswer;
    if (Array.isArray(answer.items)) return answer;
  } catch {
    // Not JSON: the sign-in page of a network.
  }
  throw new ApiError(0, "unreachable");
}
