/** The views and panels of the planner's screen, each a key and a button. */

import type { Key } from "../../i18n/zh";
import type { PlannerScreen, PlannerSheet } from "./screen.svelte";

export type ViewCommand = {
  key: string;
  /** What the key does, in the list of keys, and the button's own word. */
  words: Key;
  short: Key;
  view: string;
  run: (planner: { screen: PlannerScreen }) => void;
  pressed: (screen: PlannerScreen) => boolean;
};

/** Opens a panel of the open plan, or closes it. */
function sheet(key: string, name: Exclude<PlannerSheet, "help">): ViewCommand {
  return {
    key,
    words: `plans.key.${name}`,
    short: `plans.view.${name}`,
    view: name,
    run: ({ screen }) => void (screen.desk.plan && screen.toggle(name)),
    pressed: (screen) => screen.sheet === name,
  };
}

export const VIEW_KEYS: readonly ViewCommand[] = [
  {
    key: "V",
    words: "plans.key.swipe",
    short: "plans.view.swipe",
    view: "swipe",
    run: ({ screen }) => void screen.views.toggleSwipe(),
    pressed: (screen) => screen.views.swipe,
  },
  {
    key: "F",
    words: "plans.key.figure",
    short: "plans.view.figure",
    view: "figure",
    run: ({ screen }) => void (screen.desk.plan && screen.views.toggleFigure()),
    pressed: (screen) => screen.views.figure !== null,
  },
  sheet("C", "compare"),
  sheet("L", "even"),
  sheet("I", "files"),
  sheet("G", "networks"),
  sheet("U", "publish"),
];
