/** Finding rows by words: in Chinese, by pinyin or its initials, in English, or by code. Pure. */

/** The first and last character that a pinyin query stands for, or false. The library's `match`, once it is loaded. */
export type Pinyin = (text: string, query: string) => readonly [number, number] | false;

/** What a row is found by: `title` counts twice as much as `more`; `weight` decides between rows that are equally good. */
export type Searchable = { readonly title: string; readonly more: readonly string[]; readonly weight: number };

const HAN = /\p{Script=Han}/u;
/** Who types initials leaves out what is no letter. */
const SIGNS = /[^\p{L}\p{N}]+/gu;
const LETTERS = /^[a-z]+$/;

/** The words of a query. A case code may be typed with dashes. */
export function wordsIn(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean);
}

/** How well one word is found in one text, 0 where it is not. */
function inText(word: string, text: string, pinyin: Pinyin | null): number {
  const lower = text.toLowerCase();
  const at = lower.indexOf(word);
  if (at === 0) return lower === word ? 6 : 4;
  if (at > 0) return /[\p{L}\p{N}]/u.test(lower[at - 1] ?? "") && !HAN.test(lower[at] ?? "") ? 2 : 3;
  const dashless = word.replaceAll("-", "");
  if (dashless !== word && dashless && lower.includes(dashless)) return 2;
  return pinyin && LETTERS.test(word) && HAN.test(text) ? inPinyin(word, text.replace(SIGNS, ""), pinyin) : 0;
}

/** A whole name counts more than its beginning, and that more than a part of it. */
function inPinyin(word: string, text: string, pinyin: Pinyin): number {
  const found = pinyin(text, word);
  if (!found) return 0;
  if (found[0] > 0) return 2;
  return found[1] === text.length - 1 ? 5 : 3;
}

/** How well all words are found in a row, 0 where one is not. */
export function scoreOf(row: Searchable, words: readonly string[], pinyin: Pinyin | null): number {
  let sum = 0;
  for (const word of words) {
    const best = Math.max(2 * inText(word, row.title, pinyin), ...row.more.map((text) => inText(word, text, pinyin)));
    if (best === 0) return 0;
    sum += best;
  }
  return sum + row.weight;
}

/** The best rows for a query, the best first; rows that are equally good keep their order. */
export function best<Row extends Searchable>(rows: Iterable<Row>, query: string, { pinyin, most }: { pinyin: Pinyin | null; most: number }): Row[] {
  const words = wordsIn(query);
  const found: { row: Row; score: number }[] = [];
  for (const row of rows) {
    const score = scoreOf(row, words, pinyin);
    if (score > 0) found.push({ row, score });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, most).map(({ row }) => row);
}
