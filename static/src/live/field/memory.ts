/** What a phone remembers between two starts: who was signed in, the county, and the last tasks. Never a credential. */

import type { Platform } from "../../wire/platform";
import type { OwnTask, Snapshot } from "../../wire/types";
import type { Remembered, SessionMemory } from "../session.svelte";
import { CommandQueue } from "./queue.svelte";
import { openStore, StoreProblem, type FieldStore } from "./store";

const SESSION = "session";
const SCENE = "scene";
/** A sign-out does not wait longer for a store that another window holds. */
const LONGEST_MS = 1_000;

/** The queue of this server's phone. */
export function fieldOf(platform: Platform): CommandQueue {
  const name = `maplebridge-field${platform.location.prefix}`;
  return new CommandQueue({
    fetch: platform.fetch,
    open: async (onProblem) => {
      if (!platform.keeps) throw new StoreProblem("failed", "IndexedDB");
      return openStore(name, onProblem);
    },
  });
}

/** Remembers the session in the queue's store. What cannot be kept is asked of the server at the next start. */
export function memoryOf(queue: CommandQueue, { keeps }: Pick<Platform, "keeps">): SessionMemory {
  const asked = async (ask: (store: FieldStore) => Promise<unknown>): Promise<unknown> => {
    const answer = queue.store().then((store) => (store ? ask(store) : undefined));
    return Promise.race([answer.catch(() => undefined), new Promise((late) => setTimeout(late, LONGEST_MS))]);
  };
  return {
    read: async () => ((await asked((store) => store.read(SESSION))) as Remembered | undefined) ?? null,
    write: async (kept) => void (await asked((store) => store.keep(SESSION, kept))),
    forget: () => (keeps ? asked((store) => store.forget()).then(() => undefined) : null),
  };
}

/** The scene of a phone as the server last told it. */
export type KeptScene = { snapshot: Snapshot; own: readonly OwnTask[] };

/** Keeps the scene: the snapshot that was loaded, and the tasks that came after it. */
export async function keepScene(queue: CommandQueue, kept: KeptScene): Promise<void> {
  await (await queue.store())?.keep(SCENE, kept).catch(() => undefined);
}

/** The snapshot to start with while there is no network; null where none was kept. */
export async function keptSnapshot(queue: CommandQueue): Promise<Snapshot | null> {
  const kept = (await (await queue.store())?.read(SCENE).catch(() => null)) as KeptScene | undefined;
  return kept ? sceneOf(kept) : null;
}

/** A snapshot with the tasks and incidents that were told after it. */
export function sceneOf({ snapshot, own }: KeptScene): Snapshot {
  if (!own.length) return snapshot;
  const tasks = new Map(snapshot.tasks.map((task) => [task.id, task]));
  const incidents = new Map(snapshot.incidents.map((incident) => [incident.id, incident]));
  for (const task of own) {
    const { details } = task;
    if ((tasks.get(task.id)?.version ?? 0) <= task.version) tasks.set(task.id, task);
    if ((incidents.get(details.id)?.version ?? 0) <= details.version) incidents.set(details.id, details);
  }
  return { ...snapshot, tasks: [...tasks.values()], incidents: [...incidents.values()] };
}
