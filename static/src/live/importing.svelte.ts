/** A file of lines on its way into a plan: looked at first, then taken in; or what is wrong with it, numbered. */

import { ApiError } from "../wire/client";
import type { Imported, ImportWish, PlanningCalls } from "../wire/planning";
import type { PlanDetails } from "../wire/plans";

/** Something wrong with a file, or mended in it. `row` where it has no place. */
export type FileProblem = { number: number; fault: string; code: string; other: string | null; widthM: number | null; where: unknown; row: number | null };

/** `repair`: the width that would mend it, where one would. */
export type FileRefusal = { code: string; problems: FileProblem[]; count: number; repair: number | null; where: unknown };

export class Importing {
  readonly #calls: Pick<PlanningCalls, "importFile">;
  file = $state.raw<File | null>(null);
  found = $state.raw<Imported | null>(null);
  refusal = $state.raw<FileRefusal | null>(null);
  busy = $state(false);

  constructor(calls: Pick<PlanningCalls, "importFile">) {
    this.#calls = calls;
  }

  readonly mended = $derived.by<FileProblem[]>(() =>
    (this.found?.mended.faults ?? []).map(({ number, fault, code, other, width_m, where }) => ({ number, fault, code, other, widthM: width_m, where, row: null })),
  );

  /** Asks what a file would do; with `preview` false it is done. Returns whether the file was read. */
  async send(plan: Pick<PlanDetails, "id" | "version">, wish: ImportWish): Promise<boolean> {
    const { file } = this;
    if (!file || this.busy) return false;
    this.busy = true;
    this.found = null;
    this.refusal = null;
    try {
      const found = await this.#calls.importFile(plan.id, plan.version, file, wish);
      if (this.file === file) this.found = found;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.refusal = refusalOf(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** What a refusal shows, whatever found it: the reader of the file, or the comparison with the draft. */
export function refusalOf({ code, params }: Pick<ApiError, "code" | "params">): FileRefusal {
  const listed = Array.isArray(params.problems) ? (params.problems as Record<string, unknown>[]) : [];
  const problems = listed.map((one, i): FileProblem => ({
    number: numberOf(one.number) ?? i + 1,
    fault: textOf(one.fault) ?? textOf(one.code) ?? "",
    code: one.fault === undefined ? "" : (textOf(one.code) ?? ""),
    other: textOf(one.other),
    widthM: numberOf(one.width_m),
    where: one.where ?? null,
    row: numberOf(one.row),
  }));
  return { code, problems, count: numberOf(params.count) ?? problems.length, repair: numberOf(params.repair), where: params.where ?? null };
}

const numberOf = (value: unknown) => (typeof value === "number" ? value : null);
const textOf = (value: unknown) => (typeof value === "string" ? value : null);
