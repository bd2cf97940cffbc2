/** Reconnection delays and the state of the live link. Pure. */

/** The server says something at least every 10 s. */
export const STALE_AFTER_MS = 15_000;

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 10_000;

/** Delay before attempt `n` (from 0): exponential with full jitter, so that a room of screens does not return at once.
 * `chance` is in [0, 1). */
export function reconnectDelay(attempt: number, chance: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}

export type LinkState = "connecting" | "live" | "stale" | "down";

/** Server problems that make the data stale even on a live link. */
const NOT_LIVE: readonly string[] = ["database.away", "feed.behind"];

export function isNotLive(trouble: { code: string }): boolean {
  return NOT_LIVE.includes(trouble.code);
}

/** State of the link, from its silence and the server's own problems. */
export function linkState(open: boolean, lastMessageAt: number | null, now: number, troubles: readonly { code: string }[] = []): LinkState {
  if (!open) return lastMessageAt === null ? "connecting" : "down";
  if (lastMessageAt === null) return "connecting";
  if (troubles.some(isNotLive)) return "stale";
  return now - lastMessageAt > STALE_AFTER_MS ? "stale" : "live";
}
