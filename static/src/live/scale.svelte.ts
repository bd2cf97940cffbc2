/** How large everything is drawn: a setting, since a wall is read from four metres and a desk from half of one. */

const STORED = "maplebridge.scale";
const WALL_WIDTH = 3000;
/** What is read from four metres is so much larger than what is read from half of one. */
const AFAR = 1.5;

export const SCALES = [0, 0.875, 1, 1.25, 1.5, 2] as const;

class Scale {
  /** 0 means: by the width of the screen. */
  chosen = $state(Number(localStorage.getItem(STORED)) || 0);
  /** Whether the screen is read from afar. */
  afar = $state(false);
  #width = $state(innerWidth);

  constructor() {
    addEventListener("resize", () => (this.#width = innerWidth));
  }

  get value(): number {
    return this.chosen || (this.#width >= WALL_WIDTH ? 2 : 1) * (this.afar ? AFAR : 1);
  }

  choose(scale: number): void {
    this.chosen = scale;
    localStorage.setItem(STORED, String(scale));
  }
}

export const scale = new Scale();
