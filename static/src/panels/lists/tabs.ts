/** The tabs of the screen of lists, and the months of monthly lists. Pure. */

/** A tab's name; those of monthly lists are `list.` and the list's code. */
export type Tab = string;

const MONTHLY = "list.";

/** Tabs in their order; monthly lists and checklists where the place has some, rosters and rounds for who may read them. */
export function tabsOf(monthly: readonly { code: string }[], { checklists = false, rosters = false, rounds = false } = {}): Tab[] {
  const listed = monthly.map(({ code }) => `${MONTHLY}${code}`);
  return ["follow_up", "dissatisfied", ...listed, ...(checklists ? ["checklists"] : []), "duty", ...(rosters ? ["down"] : []), ...(rounds ? ["rounds"] : []), "returned"];
}

/** The list of a tab; null for a tab that shows none. */
export function listOf<List extends { code: string }>(tab: Tab, monthly: readonly List[]): List | null {
  return monthly.find(({ code }) => tab === `${MONTHLY}${code}`) ?? null;
}

/** The first and the last day of a month. */
export function daysOfMonth(month: string): { first: string; last: string } {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return { first: `${month}-01`, last: new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10) };
}

/** The month so many after one: `2026-12` and 1 give `2027-01`. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const count = year * 12 + number - 1 + by;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`;
}
