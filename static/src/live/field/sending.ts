/** When the queue is sent beside each command: when the page comes into sight, and when there may be a network again.
 * Whether the browser believes to be online decides nothing. */

import type { Platform } from "../../wire/platform";
import type { CommandQueue } from "./queue.svelte";

/** Sends whatever is unsent so often, too, should no event tell. */
const EVERY_MS = 30_000;

/** Begins to listen; returns how to end it. */
export function keepSending(queue: CommandQueue, events: Platform["events"], page: Pick<Document, "addEventListener" | "removeEventListener"> = document): () => void {
  const wake = (): void => void queue.wake();
  events.addEventListener("online", wake);
  events.addEventListener("focus", wake);
  page.addEventListener("visibilitychange", wake);
  const timer = setInterval(() => void (queue.unsent.length && queue.nextAt === null && queue.flush()), EVERY_MS);
  return () => {
    events.removeEventListener("online", wake);
    events.removeEventListener("focus", wake);
    page.removeEventListener("visibilitychange", wake);
    clearInterval(timer);
  };
}

/** Whether the browser keeps what is stored here for good; null where it does not say. Asked once somebody is signed in. */
export async function askToKeep(storage: StorageManager | undefined): Promise<boolean | null> {
  try {
    if (!storage?.persist) return null;
    return (await storage.persisted()) || (await storage.persist());
  } catch {
    return null;
  }
}
