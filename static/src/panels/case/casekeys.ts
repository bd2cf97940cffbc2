/** Keys of screens with a case: each does what a button does; inside a text field only Escape works. Pure. */

export type CaseKey = { do: "pick"; place: number } | { do: "back" | "note" | "map" | "first" | "print" };

const LETTERS: Readonly<Record<string, "note" | "map" | "first" | "print">> = { m: "first", t: "note", g: "map", p: "print" };

export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
}

type Press = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "repeat" | "target">;

/** What a press of a key asks for; null where it asks for nothing. */
export function caseKeyOf(event: Press, writing: (target: EventTarget | null) => boolean = isWriting): CaseKey | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  if (event.key === "Escape") return { do: "back" };
  if (writing(event.target)) return null;
  if (/^[1-9]$/.test(event.key)) return { do: "pick", place: Number(event.key) - 1 };
  const named = LETTERS[event.key.toLowerCase()];
  return named ? { do: named } : null;
}
