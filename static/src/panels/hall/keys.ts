/** Keyboard shortcuts of the hall. Each does what a button does; none works inside a text field. */

import type { Desk } from "./desk.svelte";
import { pressRecord } from "./record/keys";
import type { IncidentRecord } from "./record/record.svelte";
import { pressReplay, type Player } from "./replaykeys";

export const KEYS = ["J", "K", "Enter", "1–9", "X", "R", "D", "Esc", "/", "L", "T", "N", "E", "B", "P", "V", ", .", "[ ]", "- +", "?"] as const;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select");
}

function onButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, [role=option]") !== null;
}

export type QueueHandle = { reveal: (index: number) => Promise<void> };
/** What the keys work on. */
export type Target = { desk: Desk; queue: QueueHandle | undefined; record: IncidentRecord; playback: Player };

/** Handles one key press. Returns whether it was a shortcut. */
export function press(event: KeyboardEvent, { desk, queue, record, playback }: Target): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "Escape") {
    desk.back();
    return true;
  }
  if (typing(event.target)) return false;
  // With Shift the key's letter depends on the keyboard's language, its place does not.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (event.shiftKey && digit) {
    desk.mark(Number(digit) - 1);
    return true;
  }
  if (/^[1-9]$/.test(event.key)) {
    desk.choose(Number(event.key) - 1);
    return true;
  }
  return pressRecord(event, record) || pressReplay(event.key, playback) || named(event, { desk, queue });
}

function named(event: KeyboardEvent, { desk, queue }: Pick<Target, "desk" | "queue">): boolean {
  const step = (rows: number) => {
    const index = desk.move(rows);
    if (index >= 0) void queue?.reveal(index);
  };
  switch (event.key.toLowerCase()) {
    case "j":
      step(1);
      return true;
    case "k":
      step(-1);
      return true;
    case "enter":
      if (onButton(event.target) || desk.cursor === null) return false;
      void desk.open(desk.cursor);
      return true;
    case "x":
      desk.mark(desk.choice);
      return true;
    case "r":
      desk.turnRole();
      return true;
    case "d":
      // A key that is held down dispatches once: the next candidate has not been looked at.
      if (!event.repeat) void desk.send();
      return true;
    case "/":
      desk.sheet = "search";
      return true;
    case "l":
      desk.toggle("layers");
      return true;
    case "t":
      desk.toggle("time");
      return true;
    case "?":
      desk.toggle("help");
      return true;
    default:
      return false;
  }
}
