/** The keys of the planner's screen. Each does what a button does. */

import type { Key } from "../../i18n/zh";
import type { Drawing } from "./drawing/drawing.svelte";
import type { PlannerScreen, Tool } from "./screen.svelte";
import { VIEW_KEYS } from "./viewcommands";

export type Planner = { screen: PlannerScreen; drawing: Drawing };

export type Command = { key: string; words: Key; run: (planner: Planner) => void };

const tool = (key: string, name: Tool): Command => ({ key, words: `planner.tool.${name}`, run: ({ screen }) => screen.choose(name) });

/** Takes back the last step; while a gesture is under way, throws that away instead. */
export function undo({ screen, drawing }: Planner): void {
  if (!drawing.cancel()) void screen.desk.undo();
}

export function redo({ screen, drawing }: Planner): void {
  if (!drawing.active) void screen.desk.redo();
}

/** One thing back: the gesture, the refusal, the sheet, the tool. */
function back({ screen, drawing }: Planner): void {
  if (drawing.cancel()) return;
  if (screen.desk.refusal || screen.desk.overtaken) {
    screen.desk.forget();
    screen.desk.overtaken = null;
  } else if (screen.sheet) screen.sheet = null;
  else screen.tool = null;
}

export const TOOL_KEYS: readonly Command[] = [
  tool("B", "brush"),
  tool("S", "split"),
  tool("M", "merge"),
  tool("E", "edge"),
  tool("A", "create"),
  tool("X", "lock"),
  tool("N", "rename"),
  tool("T", "straighten"),
  tool("R", "snap"),
];

export const COMMANDS: readonly Command[] = [
  ...TOOL_KEYS,
  { key: "Z", words: "planner.undo", run: undo },
  { key: "⇧Z", words: "planner.redo", run: redo },
  { key: "Ctrl Z", words: "planner.undo", run: undo },
  { key: "Ctrl ⇧Z", words: "planner.redo", run: redo },
  { key: "Ctrl Y", words: "planner.redo", run: redo },
  { key: "[", words: "planner.level.up", run: ({ screen }) => screen.step(-1) },
  { key: "]", words: "planner.level.down", run: ({ screen }) => screen.step(1) },
  ...VIEW_KEYS.map(({ key, words, run }) => ({ key, words, run })),
  { key: "H", words: "plans.key.record", run: () => focusOn("record", "textarea") },
  { key: "P", words: "planner.problems", run: () => focusOn("problems", "button") },
  { key: "Enter", words: "planner.key.finish", run: ({ drawing }) => void drawing.finish() },
  { key: "Esc", words: "planner.key.back", run: back },
  { key: "?", words: "planner.help", run: ({ screen }) => screen.toggle("help") },
];

function focusOn(section: string, control: string): void {
  const list = document.getElementById(section);
  const first = list?.querySelector<HTMLElement>(control) ?? list;
  first?.focus();
  first?.scrollIntoView({ block: "nearest" });
}

const NAMES: Readonly<Record<string, string>> = { Escape: "Esc" };

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=range], [type=checkbox], [type=radio]), textarea, select");
}

function onButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, label, [role=option]") !== null;
}

/** The name of a key press as the list has it. */
function nameOf(event: KeyboardEvent): string {
  const letter = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const shifted = event.shiftKey && /^[A-Z]$/.test(letter) ? `⇧${letter}` : letter;
  return event.ctrlKey || event.metaKey ? `Ctrl ${shifted}` : shifted;
}

/** Handles one key press. Returns whether it was a shortcut. */
export function press(event: KeyboardEvent, planner: Planner): boolean {
  if (event.altKey || event.defaultPrevented) return false;
  const command = COMMANDS.find(({ key }) => key === nameOf(event));
  if (!command || (typing(event.target) && command.key !== "Esc")) return false;
  if (command.key === "Enter" && onButton(event.target)) return false;
  if (!event.repeat) command.run(planner);
  return true;
}
