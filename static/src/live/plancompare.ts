/** Two plans over the same lines, side by side: who gains and who loses by each. Pure. */

import { changeOf, type Change, type FigureName } from "./figurechange";
import type { ComparedPlans, FiguresByCode } from "../wire/plans";

export type Row = { code: string; before: number | null; ours: Change; theirs: Change; both: boolean };

/** Rows of a figure, what the plans differ in most first. `before` has the figures of what our plan touches. */
export function rowsOf(figure: FigureName, pair: Pick<ComparedPlans, "ours" | "theirs" | "both">, before: FiguresByCode, codes: readonly string[]): Row[] {
  const both = new Set(pair.both);
  const rows = codes.map((code) => {
    // What only one plan changes is in the other one as it was.
    const was = before[code] ?? (isNew(code) ? undefined : (pair.ours[code] ?? pair.theirs[code]));
    const ours = isNew(code) && !(code in pair.ours) ? undefined : pair.ours[code];
    return { code, before: was?.[figure] ?? null, ours: changeOf(figure, was, ours), theirs: changeOf(figure, was, pair.theirs[code]), both: both.has(code) };
  });
  const apart = ({ ours, theirs }: Row) => Math.abs((ours.after ?? 0) - (theirs.after ?? 0));
  return rows.sort((a, b) => apart(b) - apart(a) || a.code.localeCompare(b.code));
}

/** Whether a code is provisional: each plan has its own of these, so they are not the same division. */
export function isNew(code: string): boolean {
  return code.startsWith("new_");
}
