/** Text and symbol size, by setting or screen: a wall is read from four metres, a desk from half a metre. */

import type { Platform } from "../wire/platform";

const STORED = "maplebridge.scale";
const WALL_WIDTH = 3000;
/** Narrower screens are hand-held. */
const HAND_WIDTH = 960;
/** Enlargement of a wall display on a screen of this size; less on a smaller one. */
const AFAR = 1.5;
const AFAR_SIZE = [1920, 1080] as const;

export const SCALES = [0, 0.875, 1, 1.25, 1.5, 2] as const;

export class Scale {
  /** 0: by the width of the screen. */
  chosen = $state(0);
  /** Whether this is a wall display. */
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

  /** Whether the screen is too narrow for panels beside the map, by the size of its text. */
  get inHand(): boolean {
    return this.#width / this.value < HAND_WIDTH;
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
