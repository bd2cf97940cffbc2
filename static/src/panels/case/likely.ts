/** The order of the moves on a screen: those that carry the case on first, then help, then what is rare. Pure. */

import type { PossibleMove } from "../../wire/cases";

/** Kinds in the order in which they are likely to be wanted; a kind that is not here comes last. */
const LIKELY = [
  "answer", "triage", "accept", "transfer", "advance", "close", "resume", "follow_up", "archive",
  "return", "refuse", "join", "escalate", "send_down", "pause", "take_up", "procedure", "split", "extend", "take_charge", "urge", "circulate", "stand_down", "reopen",
];

type Leading = Pick<PossibleMove, "kind" | "to">;

/** A transfer that leads to no stage gives a case away that was taken on: it is not what comes next. */
const givesAway = ({ kind, to }: Leading) => kind === "transfer" && to === null;

const rank = (move: Leading) => (LIKELY.indexOf(givesAway(move) ? "join" : move.kind) + LIKELY.length + 1) % (LIKELY.length + 1);

/** Sorts the moves by kind; of one kind, those that lead on come before those that stay, in the pack's order. */
export function byLikelihood<Move extends Leading>(moves: readonly Move[]): Move[] {
  return [...moves].sort((a, b) => rank(a) - rank(b) || Number(a.to === null) - Number(b.to === null));
}

/** Whether a button may stand out: a press that ends a case, or gives it away, is looked for, not offered. */
export function carriesOn(move: Leading): boolean {
  return !givesAway(move) && ["accept", "answer", "triage", "transfer", "advance", "resume", "follow_up", "archive"].includes(move.kind);
}
