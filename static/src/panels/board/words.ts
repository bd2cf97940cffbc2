/** The last urging of a case in words. */

import { t } from "../../i18n/index.svelte";
import type { BoardCase } from "../../wire/board";

type Urged = BoardCase["urgings"][number];
type Context = { unit: (code: string) => string; now: number; when: (at: string) => string };

/** What came of it: answered, waited for, or not answered in time. */
export function urgedInWords(urged: Urged, { unit, now, when }: Context): { words: string; tone: "done" | "waiting" | "late" } {
  const name = urged.unit ? unit(urged.unit) : "";
  if (urged.answered_at) return { words: t("board.urged.answered", { unit: name, answer: urged.answer ?? "" }), tone: "done" };
  if (isWaiting(urged, now)) return { words: t("board.urged.waiting", { unit: name, when: when(urged.answer_due_at ?? "") }), tone: "waiting" };
  return { words: t("board.urged.overdue", { unit: name }), tone: "late" };
}

/** Whether the unit still has time to answer. */
export function isWaiting({ answered_at, answer_due_at }: Urged, now: number): boolean {
  return !answered_at && answer_due_at !== null && Date.parse(answer_due_at) > now;
}
