/** The three sounds, told apart by pitch, direction and rhythm: a person who hears no pitch counts the notes. */

import type { SoundName } from "./alarms";

/** `hz`: pitch; `at` and `lasts` in seconds. */
export type Note = { hz: number; at: number; lasts: number; shape: OscillatorType };

const sine = (hz: number, at: number, lasts: number): Note => ({ hz, at, lasts, shape: "sine" });
const reed = (hz: number, at: number, lasts: number): Note => ({ hz, at, lasts, shape: "triangle" });

export const NOTES: { readonly [S in SoundName]: readonly Note[] } = {
  /** Two notes that rise. */
  urgent: [sine(660, 0, 0.16), sine(988, 0.18, 0.28)],
  /** One low note. */
  attend: [sine(440, 0, 0.3)],
  /** Two falling notes, three times. */
  sos: [0, 0.5, 1].flatMap((at) => [reed(1175, at, 0.18), reed(784, at + 0.2, 0.2)]),
};
