/** Keyboard shortcuts of the hall. Each does what a button does; none but Escape and the palette works inside a text field. */

import { KEYED, type Command, type Hall } from "./commands";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select");
}

function onButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, [role=option]") !== null;
}

/** Keys that are called otherwise on the screen; `=` is the key of `+` without Shift. */
const NAMES: Readonly<Record<string, string>> = { Escape: "Esc", "=": "+" };

/** The command of a key press: by its letter, without modifiers, or `Ctrl K`. */
function commandOf(event: KeyboardEvent): Command | undefined {
  const key = NAMES[event.key] ?? event.key;
  if (event.altKey) return undefined;
  const pressed = event.ctrlKey || event.metaKey ? `ctrl ${key}` : key;
  return KEYED.find((command) => command.key.toLowerCase() === pressed.toLowerCase());
}

/** Handles one key press. Returns whether it was a shortcut. */
export function press(event: KeyboardEvent, hall: Hall): boolean {
  const command = commandOf(event);
  const everywhere = command?.key === "Esc" || command?.key === "Ctrl K";
  if (typing(event.target) && !everywhere) return false;
  if (!command) return pressFigure(event, hall);
  if (command.key === "Enter" && onButton(event.target)) return false;
  if (command.offered?.(hall) === false) return false;
  if (command.repeats || !event.repeat) command.run(hall);
  return true;
}

/** A figure chooses a candidate; with Shift it marks one. */
function pressFigure(event: KeyboardEvent, { desk, windows }: Hall): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || !windows.holds("incident")) return false;
  // With Shift the key's letter depends on the keyboard's language, its place does not.
  const index = Number(/^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(event.key) ? event.key : 0)) - 1;
  if (index < 0) return false;
  if (event.shiftKey) desk.selection.mark(index);
  else desk.selection.choose(index);
  return true;
}
