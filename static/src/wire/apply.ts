/** The reducer of the feed: versioned upserts on plain maps. Old snapshot + events = new snapshot. */

import { isKind, KINDS, perKind, type Bodies, type Kind } from "./kinds";
import type { EventsFrame, FeedEvent, HexesFrame, HotCell, Hotspots, Snapshot } from "./types";

/** By kind and id: the entities, and the versions in which entities went that are gone. */
export type State = {
  epoch: string;
  pos: number;
  entities: { [K in Kind]: Map<number, Bodies[K]> };
  gone: Record<Kind, Map<number, number>>;
};

/** The ids that changed, by kind. */
export type Applied = Record<Kind, Set<number>>;

type Entity = { id: number; version: number };

export const nothingApplied = (): Applied => perKind(() => new Set<number>());

export function emptyState(): State {
  return { epoch: "", pos: 0, entities: perKind(() => new Map()) as State["entities"], gone: perKind(() => new Map()) };
}

export function stateOf(snapshot: Snapshot): State {
  const held = (kind: Kind) => new Map((snapshot[KINDS[kind].list] as Entity[]).map((entity) => [entity.id, entity]));
  return { ...emptyState(), epoch: snapshot.epoch, pos: snapshot.pos, entities: perKind(held) as unknown as State["entities"] };
}

/** Takes one event in, unless what is known of its entity is as new. Returns whether that changed anything to be seen. */
function applyOne(state: State, kind: Kind, event: FeedEvent): boolean {
  const entities = state.entities[kind] as Map<number, Entity>;
  const gone = state.gone[kind];
  const known = entities.get(event.id)?.version ?? gone.get(event.id);
  if (known !== undefined && known >= event.version) return false;
  if (event.gone) {
    gone.set(event.id, event.version);
    return entities.delete(event.id);
  }
  gone.delete(event.id);
  entities.set(event.id, event.body);
  return true;
}

/** A frame may be applied when it begins no later than where the state stands: versions make repeats harmless. */
export function follows(state: State, frame: EventsFrame): boolean {
  return frame.from <= state.pos;
}

/** Applies a frame that `follows` and returns what changed. Events before the state's position are in it already. */
export function applyEvents(state: State, frame: EventsFrame): Applied {
  const applied = nothingApplied();
  for (const event of frame.items) {
    const { kind, id, pos } = event;
    if (pos > state.pos && isKind(kind) && applyOne(state, kind, event)) applied[kind].add(id);
  }
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

/** Takes out what ended more than a day before `now`, and returns what went. */
export function prune(state: State, now: number): Applied {
  return perKind((kind) => {
    const entities = state.entities[kind] as Map<number, Entity>;
    const endedAt = KINDS[kind].endedAt as (entity: Entity) => string | null;
    const over = new Set<number>();
    for (const entity of entities.values()) {
      const ended = endedAt(entity);
      if (ended !== null && Date.parse(ended) <= now - LINGER_MS) over.add(entity.id);
    }
    for (const id of over) entities.delete(id);
    return over;
  });
}
