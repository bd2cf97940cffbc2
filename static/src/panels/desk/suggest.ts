/** What the desk suggests, by rules that one can read: each suggestion says what it rests on. Pure. */

import type { Flow } from "../../wire/cases";
import type { DeskHint } from "../../wire/desk";

export type KindSuggestion = { category: string; word: string };

/** Compares without case, and without spaces between Chinese characters. */
const plain = (text: string) => text.toLowerCase().replace(/\s+/g, " ");

/** Whether a word stands in a text: a Latin one as a whole word, or with an ending, a Chinese one anywhere. */
function holds(text: string, word: string): boolean {
  const sought = plain(word);
  if (!/^[\x20-\x7e]+$/.test(sought)) return text.includes(sought);
  return new RegExp(`(^|[^a-z0-9])${sought.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(s|es|ed|ing)?([^a-z0-9]|$)`).test(text);
}

/**
 * Categories that the words of a text speak for: the longest word first, since it says most; a category that more words
 * speak for comes before one with fewer of the same length.
 */
export function suggestKinds(said: string, hints: readonly DeskHint[], most = 3): KindSuggestion[] {
  const text = plain(said);
  const found = hints.flatMap(({ category, words }) => {
    const hits = words.filter((word) => holds(text, word)).sort((a, b) => weight(b) - weight(a));
    return hits[0] === undefined ? [] : [{ category, word: hits[0], hits: hits.length }];
  });
  found.sort((a, b) => weight(b.word) - weight(a.word) || b.hits - a.hits);
  return found.slice(0, most).map(({ category, word }) => ({ category, word }));
}

/** A Chinese character says about as much as three Latin letters. */
const weight = (word: string) => [...word].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x7f ? 3 : 1), 0);

type Lane = Flow["lanes"][number];

/** The first lane that fits, as the server chooses it. */
export function suggestLane(lanes: readonly Lane[], { category, risk }: { category: string; risk: string }): Lane | undefined {
  const isOf = ({ classes, categories }: Lane) =>
    (!classes.length && !categories.length) || categories.includes(category) || classes.includes(category.split(".")[0] ?? "");
  return lanes.find((lane) => (!lane.risks.length || lane.risks.includes(risk)) && isOf(lane));
}

type Fields = readonly { code: string; type: string; choices: readonly { code: string }[] }[];
export type Suggested = { lane: string; level: string; unit: string | null };

/** What the fields of a form take from the suggestion: a choice among lanes or levels, and the first unit. */
export function filledAs(fields: Fields, suggested: Suggested, flow: Pick<Flow, "lanes" | "levels">): Record<string, string> {
  const among = (choices: readonly { code: string }[], list: readonly { code: string }[]) =>
    choices.length > 0 && choices.every((one) => list.some(({ code }) => code === one.code));
  const filled: Record<string, string> = {};
  for (const field of fields) {
    if (field.type === "choice" && among(field.choices, flow.lanes)) filled[field.code] = suggested.lane;
    else if (field.type === "choice" && among(field.choices, flow.levels)) filled[field.code] = suggested.level;
    else if (field.type === "unit" && suggested.unit && !Object.values(filled).includes(suggested.unit)) filled[field.code] = suggested.unit;
  }
  return filled;
}
