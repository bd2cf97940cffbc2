/** Keys of a replay. */

import { DAY_MS, MINUTE_MS, type Playback } from "../../live/playback.svelte";

/** What the keys work on. */
export type Player = Pick<Playback, "toggle" | "step" | "faster">;

const ACTIONS: Readonly<Record<string, (playback: Player) => void>> = {
  v: (playback) => playback.toggle(),
  ",": (playback) => playback.step(-MINUTE_MS),
  ".": (playback) => playback.step(MINUTE_MS),
  "[": (playback) => playback.step(-DAY_MS),
  "]": (playback) => playback.step(DAY_MS),
  "-": (playback) => playback.faster(-1),
  "+": (playback) => playback.faster(1),
  "=": (playback) => playback.faster(1),
};

/** Handles a key of the replay. Returns whether it was one. */
export function pressReplay(key: string, playback: Player): boolean {
  const act = ACTIONS[key.toLowerCase()];
  act?.(playback);
  return act !== undefined;
}
