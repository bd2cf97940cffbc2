/** The reducer of the feed: versioned upserts on plain maps. Old snapshot + events = new snapshot. */

import { isKind, KINDS, perKind, type Bodies, type Kind } from "./kinds";
import type { EventsFrame, FeedEvent, HexesFrame, HotCell, Hotspots, Snapshot } from "./types";

/** Entities by kind and id; `gone` holds the versions in which entities left, so that older events do not restore them. */
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
  // A server that is about to be updated has no list of a kind that is new.
  const listed = (kind: Kind) => (snapshot[KINDS[kind].list] as Entity[] | undefined) ?? [];
  const held = (kind: Kind) => new Map(listed(kind).map((entity) => [entity.id, entity]));
  return { ...emptyState(), epoch: snapshot.epoch, pos: snapshot.pos, entities: perKind(held) as unknown as State["entities"] };
}

/** Applies one event unless its entity is known in that version or a newer one. Returns whether anything visible changed. */
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

/** Whether a frame can be applied: it begins no later than the state's position. Repeats are harmless. */
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

/** Whether a frame of cells is of the view that is held. */
export function sameView(held: Hotspots, frame: HexesFrame): boolean {
  return held.res === frame.res && held.window === frame.window && held.category === frame.category;
}

/** Applies a frame of cells: replaces all when it is full, else patches. */
export function applyHexes(held: Hotspots, frame: HexesFrame): Hotspots {
  const { res, window, category, as_of, total, past_known } = frame;
  const cells = new Map<string, HotCell>(frame.full ? [] : held.cells.map((cell) => [cell.cell, cell]));
  for (const gone of frame.gone) cells.delete(gone);
  for (const cell of frame.cells) cells.set(cell.cell, cell);
  return { res, window, category, as_of, total, past_known, cells: [...cells.values()] };
}

/** How long ended entities stay, as in a snapshot. */
export const LINGER_MS = 24 * 3_600_000;

/** Removes what ended more than a day before `now` and returns what was removed. */
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
