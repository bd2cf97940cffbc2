/** The photos and voice notes of this phone, for the parts of its screen. */

import { createContext } from "svelte";
import type { AppState } from "../../live/app.svelte";
import { Evidence } from "../../live/evidence.svelte";
import { EvidenceStore } from "../../wire/evidencestore";

export const [useEvidence, provideEvidence] = createContext<Evidence>();

async function room(): Promise<number | null> {
  const { storage } = navigator as { storage?: StorageManager };
  const { quota, usage } = (await storage?.estimate()) ?? {};
  return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
}

/** Starts sending what this phone has kept, and again whenever the line may be back. Returns what stops it. */
export function startEvidence(evidence: Evidence): () => void {
  const knock = (): void => {
    if (!document.hidden) evidence.retry();
  };
  const { storage } = navigator as { storage?: StorageManager };
  // A browser that grants it does not throw the store away when the disk fills up.
  void storage?.persist().catch(() => false);
  void evidence.start();
  addEventListener("online", knock);
  document.addEventListener("visibilitychange", knock);
  return () => {
    removeEventListener("online", knock);
    document.removeEventListener("visibilitychange", knock);
    evidence.stop();
  };
}

export function evidenceOf({ attachments, session }: Pick<AppState, "attachments" | "session">): Evidence {
  return new Evidence({ attachments, session, shelf: new EvidenceStore(indexedDB), room });
}
