/** Every action of the hall, with its key where it has one. The keys, the list of keys and the palette read these tables. */

import { LAYERS } from "../../live/mapview.svelte";
import { UNDERLAYS } from "../../live/underlay.svelte";
import { SORTS, STATUSES } from "../../live/queueview";
import { SCALES } from "../../live/scale.svelte";
import { THEMES } from "../../styles/theme.svelte";
import type { AppState } from "../../live/app.svelte";
import { language, t } from "../../i18n/index.svelte";
import type { Key } from "../../i18n/zh";
import { DAY_MS, MINUTE_MS } from "../../live/playback.svelte";
import type { Desk } from "./desk.svelte";
import type { IncidentRecord } from "./record/record.svelte";
import { PANELS } from "./windows/panels";
import type { Windows } from "./windows/windows.svelte";

export type QueueHandle = { reveal: (index: number) => Promise<void> };
/** What commands work on. */
export type Hall = {
  app: AppState;
  desk: Desk;
  record: Pick<IncidentRecord, "toggleNew" | "open" | "print">;
  windows: Windows;
  queue: QueueHandle | undefined;
  /** Shows the whole area on the map. */
  showWhole: () => void;
};

export type Command = {
  words: Key;
  /** The key, as its button shows it. */
  key?: string;
  /** What the words name, and how many or how much. */
  of?: Key;
  n?: string;
  run: (hall: Hall) => void;
  /** Whether it can be run now; always, if left out. */
  offered?: (hall: Hall) => boolean;
  /** Whether a key that is held down runs it again. */
  repeats?: boolean;
};

function step({ desk, queue }: Hall, rows: number): void {
  const index = desk.move(rows);
  if (index >= 0) void queue?.reveal(index);
}

function openNextAlarm({ app, desk }: Hall): void {
  const next = app.alerts.next(desk.opened);
  if (next !== null) void desk.open(next);
}

/** In the proposal for all that wait it confirms; else it opens the incident of the queue's cursor. */
function confirmOrOpen({ desk }: Hall): void {
  if (desk.sheet === "several") void desk.several.confirm();
  else if (desk.cursor !== null) void desk.open(desk.cursor);
}

function sends({ desk, windows }: Hall): boolean {
  return desk.sending.canSend && windows.holds("incident");
}

/** Commands with a key, in the order of the list of keys. */
export const KEYED: readonly (Command & { key: string })[] = [
  { key: "J", words: "help.next", run: (hall) => step(hall, 1), repeats: true },
  { key: "K", words: "help.previous", run: (hall) => step(hall, -1), repeats: true },
  { key: "Enter", words: "help.open", run: confirmOrOpen, offered: ({ desk }) => desk.cursor !== null || desk.sheet === "several" },
  { key: "A", words: "help.alarm", run: openNextAlarm, offered: ({ app }) => app.alerts.shown.length > 0 },
  // Without `repeats` a key that is held down dispatches once: the next candidate has not been looked at.
  { key: "D", words: "help.send", run: ({ desk }) => void desk.sending.send(), offered: sends },
  { key: "M", words: "several.key", run: ({ desk }) => desk.toggleSeveral(), offered: ({ desk }) => desk.shown.mayDispatch },
  { key: "X", words: "help.mark", run: ({ desk }) => desk.selection.mark(desk.selection.choice), offered: ({ windows }) => windows.holds("incident") },
  { key: "R", words: "help.role", run: ({ desk }) => desk.selection.turnRole(), offered: ({ windows }) => windows.holds("incident") },
  { key: "Y", words: "help.relay", run: ({ desk }) => desk.relay(), offered: ({ desk, windows }) => desk.tasks.length > 0 && windows.holds("incident") },
  { key: "Esc", words: "help.back", run: ({ desk }) => desk.back() },
  { key: "Ctrl K", words: "help.find", run: ({ desk }) => void (desk.sheet = "palette") },
  { key: "/", words: "help.find", run: ({ desk }) => void (desk.sheet = "palette") },
  { key: "F", words: "help.filters", run: ({ desk }) => void (desk.filtering = !desk.filtering) },
  { key: "0", words: "help.unfilter", run: ({ app }) => app.queue.clear() },
  { key: "N", words: "help.new", run: ({ record }) => record.toggleNew() },
  { key: "E", words: "help.edit", run: ({ record }) => void record.open("edit") },
  { key: "B", words: "help.note", run: ({ record }) => void record.open("note") },
  { key: "P", words: "help.print", run: ({ record }) => void record.print() },
  { key: "C", words: "reach.title", run: ({ desk }) => desk.toggle("reach") },
  { key: "G", words: "closure.title", run: ({ desk }) => desk.toggle("closures") },
  { key: "I", words: "cameras.title", run: ({ desk }) => desk.toggle("cameras") },
  { key: "Q", words: "reviews.title", run: ({ desk }) => desk.toggle("reviews") },
  { key: "S", words: "shift.title", run: ({ desk }) => desk.toggle("shift") },
  { key: "U", words: "forces.title", run: ({ desk }) => desk.toggle("forces") },
  { key: "W", words: "help.whole", run: ({ showWhole }) => showWhole(), offered: ({ windows }) => windows.holds("map") },
  { key: "L", words: "help.layers", run: ({ desk }) => desk.toggle("layers") },
  { key: "T", words: "help.time", run: ({ desk }) => desk.toggle("time") },
  { key: "O", words: "seat.title", run: ({ desk }) => desk.toggle("seat") },
  { key: "V", words: "help.replay", run: ({ app }) => app.playback.toggle(), repeats: true },
  { key: ",", words: "help.replay.step", run: ({ app }) => app.playback.step(-MINUTE_MS), repeats: true },
  { key: ".", words: "help.replay.step", run: ({ app }) => app.playback.step(MINUTE_MS), repeats: true },
  { key: "[", words: "help.replay.day", run: ({ app }) => app.playback.step(-DAY_MS), repeats: true },
  { key: "]", words: "help.replay.day", run: ({ app }) => app.playback.step(DAY_MS), repeats: true },
  { key: "-", words: "help.replay.speed", run: ({ app }) => app.playback.faster(-1), repeats: true },
  { key: "+", words: "help.replay.speed", run: ({ app }) => app.playback.faster(1), repeats: true },
  { key: "?", words: "help.help", run: ({ desk }) => desk.toggle("help") },
];

const SCREENS = [
  { path: "/wall", permission: "wall.view", words: "wall.title" },
  { path: "/patrol", permission: "tasks.answer_own", words: "patrol.title" },
  { path: "/board", permission: "incidents.read", words: "board.title" },
  { path: "/figures", permission: "incidents.read", words: "figures.title" },
  { path: "/changes", permission: "incidents.read", words: "changes.title" },
  { path: "/board?weights", permission: "forces.read", words: "weighing.title" },
  { path: "/planner", permission: "plans.read", words: "planner.title" },
  { path: "/lists", permission: "incidents.read", words: "lists.title" },
] as const;

/** Commands without a key, found in the palette. */
export const KEYLESS: readonly Command[] = [
  ...STATUSES.map<Command>((status) => ({ words: "command.queue", of: `queue.${status}`, run: ({ app }) => app.queue.set({ status }) })),
  ...SORTS.map<Command>((sort) => ({ words: "command.sort", of: `queue.sort.${sort}`, run: ({ app }) => app.queue.set({ sort }) })),
  { words: "command.mine", run: ({ app }) => app.queue.set({ mine: !app.queue.view.mine }) },
  ...LAYERS.map<Command>((layer) => ({ words: "command.layer", of: `layer.${layer}`, run: ({ app }) => app.mapView.toggle(layer) })),
  ...UNDERLAYS.map<Command>((name) => ({
    words: "command.underlay",
    of: `underlay.${name}`,
    run: ({ app }) => app.underlay.choose(name),
    offered: ({ app }) => app.underlay.offered.length > 1 && app.underlay.offered.includes(name),
  })),
  ...PANELS.map<Command>((panel) => ({ words: "command.window", of: `panel.${panel}`, run: ({ windows }) => windows.open(panel), offered: ({ windows }) => windows.mayOpen(panel) })),
  { words: "replay.back", run: ({ app }) => app.playback.back(), offered: ({ app }) => app.scenes.replaying },
  { words: "command.language", run: () => language.toggle() },
  ...THEMES.map<Command>((theme) => ({ words: "command.theme", of: `theme.${theme}`, run: ({ app }) => app.theme.choose(theme) })),
  { words: "command.sound", run: ({ app }) => app.attention.setSound(!app.attention.sound) },
  ...SCALES.map<Command>((scale) => ({
    ...(scale ? { words: "command.scale", n: `${scale * 100}%` } : { words: "command.scale.auto" }),
    run: ({ app }) => app.scale.choose(scale),
  })),
  ...SCREENS.map<Command>(({ path, permission, words }) => ({
    words: "command.go",
    of: words,
    run: ({ app }) => location.assign(`${app.platform.location.prefix}${path}`),
    offered: ({ app }) => app.session.may(permission),
  })),
  { words: "signout", run: ({ app }) => void app.session.signOut() },
];

/** Keys that make no sense in the palette: it is open, and a pair of keys is no command. */
const NOT_LISTED = ["Esc", "/", "Ctrl K", ",", ".", "[", "]", "-", "+"];

export const COMMANDS: readonly Command[] = [...KEYED.filter(({ key }) => !NOT_LISTED.includes(key)), ...KEYLESS];

/** A command's words, in the language in use. */
export function wordsOf({ words, of, n }: Command): string {
  return t(words, { ...(of && { name: t(of) }), ...(n !== undefined && { n }) });
}
