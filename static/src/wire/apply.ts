/** The reducer of the feed: versioned upserts on plain maps. Old snapshot + events = new snapshot. */

import type { EventsFrame, FeedEvent, Force, HexesFrame, HotCell, Hotspots, Incident, Snapshot, Task } from "./types";

export type State = {
  epoch: string;
  pos: number;
  incidents: Map<number, Incident>;
  tasks: Map<number, Task>;
  forces: Map<number, Force>;
};

export type Applied = { incidents: Set<number>; tasks: Set<number>; forces: Set<number> };

function byId<Entity extends { id: number }>(entities: readonly Entity[]): Map<number, Entity> {
  return new Map(entities.map((entity) => [entity.id, entity]));
}

export function stateOf(snapshot: Snapshot): State {
  return {
    epoch: snapshot.epoch,
    pos: snapshot.pos,
    incidents: byId(snapshot.incidents),
    tasks: byId(snapshot.tasks),
    forces: byId(snapshot.forces),
  };
}

function upsert<Entity extends { id: number; version: number }>(held: Map<number, Entity>, entity: Entity): boolean {
  const known = held.get(entity.id);
  if (known && known.version >= entity.version) return false;
  held.set(entity.id, entity);
  return true;
}

function applyOne(state: State, event: FeedEvent, applied: Applied): void {
  if (event.kind === "incident") {
    if (upsert(state.incidents, event.body)) applied.incidents.add(event.id);
  } else if (event.kind === "task") {
    if (upsert(state.tasks, event.body)) applied.tasks.add(event.id);
  } else if (event.kind === "force") {
    if (upsert(state.forces, event.body)) applied.forces.add(event.id);
  }
}

/** A frame may be applied when it begins no later than where the state stands: versions make repeats harmless. */
export function follows(state: State, frame: EventsFrame): boolean {
  return frame.from <= state.pos;
}

/** Applies a frame that `follows` and tells what changed. */
export function applyEvents(state: State, frame: EventsFrame): Applied {
  const applied: Applied = { incidents: new Set(), tasks: new Set(), forces: new Set() };
  for (const event of frame.items) applyOne(state, event, applied);
  state.pos = Math.max(state.pos, frame.to);
  return applied;
}

/** Whether a frame of cells speaks of the view that is held. */
export function sameView(held: Hotspots, frame: HexesFrame): boolean {
  return held.res === frame.res && held.window === frame.window && held.category === frame.category;
}

/** Cells after a frame: replaced when it is full, patched when not. */
export function applyHexes(held: Hotspots, frame: HexesFrame): Hotspots {
  const { res, window, category, as_of, total } = frame;
  const cells = new Map<string, HotCell>(frame.full ? [] : held.cells.map((cell) => [cell.cell, cell]));
  for (const gone of frame.gone) cells.delete(gone);
  for (const cell of frame.cells) cells.set(cell.cell, cell);
  return { res, window, category, as_of, total, cells: [...cells.values()] };
}

/** What has ended stays this long in the picture, as in a snapshot. */
export const LINGER_MS = 24 * 3_600_000;

/** Takes out what ended more than a day before `now`, and tells what went. */
export function prune(state: State, now: number): Applied {
  const gone: Applied = { incidents: new Set(), tasks: new Set(), forces: new Set() };
  const over = (ended: string | null) => ended !== null && Date.parse(ended) <= now - LINGER_MS;
  for (const [id, incident] of state.incidents) if (over(incident.closed_at)) gone.incidents.add(id);
  for (const [id, task] of state.tasks) if (over(task.ended_at)) gone.tasks.add(id);
  for (const id of gone.incidents) state.incidents.delete(id);
  for (const id of gone.tasks) state.tasks.delete(id);
  return gone;
}
