/** Describes how far a hotspot cell is from its expected count. Pure. */

import type { HotCell } from "../wire/types";

export type Deviation = { key: "hot.more" | "hot.fewer" | "hot.usual"; n: number; chance: "hot.unlikely" | "hot.chance" };

/** `n` is the difference in whole incidents. Whether it may be chance is what the server's test says: it has corrected
 * for the many cells. */
export function deviation(cell: Pick<HotCell, "count" | "expected" | "class">): Deviation {
  const difference = Math.round(cell.count - cell.expected);
  const key = difference > 0 ? "hot.more" : difference < 0 ? "hot.fewer" : "hot.usual";
  const isHot = cell.class === "new" || cell.class === "persistent";
  return { key, n: Math.abs(difference), chance: isHot ? "hot.unlikely" : "hot.chance" };
}
