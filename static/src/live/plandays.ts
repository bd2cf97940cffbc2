/** Days of a plan: which can be chosen, and how to say them. Pure. */

/** The day after one, as `2026-03-01`. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
