/** Follows what changes: by the feed where the account has one, else by asking again. */

import type { AppState } from "./app.svelte";
import { Feed, type FeedOptions } from "./feed.svelte";

/** Clerks and those who handle cases have no feed: it carries forces, which they do not see. */
const ASK_EVERY_MS = 5000;

export function hasFeed({ session }: Pick<AppState, "session">): boolean {
  return session.may("forces.read") && session.may("incidents.read");
}

type Changed = Parameters<NonNullable<FeedOptions["onApplied"]>>[0];

/** Calls `onChange` with what has changed, or null where that is not known. Returns what stops it. */
export function follow(app: AppState, onChange: (changed: Changed | null) => void): () => void {
  if (!hasFeed(app)) {
    const timer = setInterval(() => onChange(null), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }
  const feed = new Feed(app, { onApplied: (changed) => onChange(changed), onLoaded: () => onChange(null) });
  void feed.start();
  return () => feed.stop();
}
