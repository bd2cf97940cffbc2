/** Dark for a dim hall, light for a bright one and the sun: chosen here, or by the system's setting. */

/** The parts of the browser that a theme uses. */
export type ThemeParts = {
  storage: Pick<Storage, "getItem" | "setItem">;
  prefersLight: { readonly matches: boolean } & Pick<EventTarget, "addEventListener">;
};

export const THEMES = ["system", "dark", "light"] as const;
export type ThemeChoice = (typeof THEMES)[number];
export type ThemeName = Exclude<ThemeChoice, "system">;

const STORED = "maplebridge.theme";

function isChoice(stored: string | null): stored is ThemeChoice {
  return THEMES.some((theme) => theme === stored);
}

export class Theme {
  chosen = $state<ThemeChoice>("system");
  #systemIsLight = $state(false);
  readonly #storage: ThemeParts["storage"];

  constructor({ storage, prefersLight }: ThemeParts) {
    this.#storage = storage;
    const stored = storage.getItem(STORED);
    this.chosen = isChoice(stored) ? stored : "system";
    this.#systemIsLight = prefersLight.matches;
    prefersLight.addEventListener("change", () => (this.#systemIsLight = prefersLight.matches));
  }

  get value(): ThemeName {
    if (this.chosen !== "system") return this.chosen;
    return this.#systemIsLight ? "light" : "dark";
  }

  choose(theme: ThemeChoice): void {
    this.chosen = theme;
    this.#storage.setItem(STORED, theme);
  }

  /** The next choice in the order of `THEMES`. */
  next(): void {
    const place = THEMES.indexOf(this.chosen);
    this.choose(THEMES[(place + 1) % THEMES.length] as ThemeChoice);
  }
}

/** Gives the page its theme, and the bar of a phone's browser its colour. */
export function wear(root: HTMLElement, theme: Theme): void {
  root.dataset.theme = theme.value;
  const ground = getComputedStyle(root).getPropertyValue("--panel").trim();
  root.ownerDocument.querySelector<HTMLMetaElement>('meta[name="theme-color"]')?.setAttribute("content", ground);
}
