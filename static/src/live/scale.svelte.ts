/** How large everything is drawn: a setting, since a wall is read from four metres and a desk from half of one. */

import type { Platform } from "../wire/platform";

const STORED = "maplebridge.scale";
const WALL_WIDTH = 3000;
/** What is narrower is in a hand, and nobody stands back from it. */
const HAND_WIDTH = 960;
/** What is read from four metres is so much larger than what is read from half of one, on a screen of this size; on a
 * smaller one, which nobody hangs on a wall, as much smaller as it is. */
const AFAR = 1.5;
const AFAR_SIZE = [1920, 1080] as const;

export const SCALES = [0, 0.875, 1, 1.25, 1.5, 2] as const;

export class Scale {
  /** 0 means: by the width of the screen. */
  chosen = $state(0);
  /** Whether the screen is read from afar. */
  afar = $state(false);
  #width = $state(0);
  #height = $state(0);
  readonly #storage: Platform["storage"];

  constructor({ storage, events, size }: Pick<Platform, "storage" | "events" | "size">) {
    this.#storage = storage;
    this.chosen = Number(storage.getItem(STORED)) || 0;
    const measure = () => ([this.#width, this.#height] = size());
    measure();
    events.addEventListener("resize", measure);
  }

  /** Whether there is no room for panels beside the map. */
  get inHand(): boolean {
    return this.#width < HAND_WIDTH;
  }

  get value(): number {
    return this.chosen || (this.#width >= WALL_WIDTH ? 2 : 1) * (this.afar ? this.#afar : 1);
  }

  get #afar(): number {
    return Math.max(1, AFAR * Math.min(1, this.#width / AFAR_SIZE[0], this.#height / AFAR_SIZE[1]));
  }

  choose(scale: number): void {
    this.chosen = scale;
    this.#storage.setItem(STORED, String(scale));
  }
}
