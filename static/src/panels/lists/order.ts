/** The order of follow-ups on a list, and the row that comes after one. Pure. */

import type { FollowUpItem } from "../../wire/lists";

type Ordered = Pick<FollowUpItem, "id" | "standing" | "ask_by" | "due_at">;

/** Those to be asked about once more come first, then those whose time runs out first. */
export function byUrgency<Item extends Ordered>(items: readonly Item[]): Item[] {
  const time = ({ ask_by, due_at }: Ordered) => Date.parse(ask_by ?? due_at ?? "") || Infinity;
  const order = (a: number, b: number) => (a === b ? 0 : a - b);
  return [...items].sort((a, b) => Number(b.standing === "again") - Number(a.standing === "again") || order(time(a), time(b)) || a.id - b.id);
}

/** The item that follows one that leaves the list: the next, or else the one before; undefined on an empty list. */
export function nextAfter<Item extends { id: number }>(items: readonly Item[], id: number): Item | undefined {
  const here = items.findIndex((item) => item.id === id);
  return items[here + 1] ?? items.slice(0, Math.max(here, 0)).at(-1);
}

/** A share such as `1/10` in percent, `100` for all. */
export function percentOf(share: string): number {
  const [part = "0", whole = "1"] = share.split("/");
  return (100 * Number(part)) / Number(whole);
}
