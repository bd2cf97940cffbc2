/** The layer of forces: kind by shape, free or busy by colour, age of the fix by fading, a stale one hollow. */

import type { Layer } from "@deck.gl/core";
import { IconLayer } from "@deck.gl/layers";
import type { Fleet } from "../../live/fleet.svelte";
import { aside, isFixUsable } from "../../live/position";
import type { Force, Presence, Task } from "../../wire/types";
import { silentSince } from "../../live/presence";
import type { Palette, Rgba } from "../palette";
import { FRAMES, SHAPES } from "../shapes";
import type { Counted } from "./groups";

export type ForceView = {
  forces: ReadonlyMap<number, Force>;
  busy: ReadonlyMap<number, Task>;
  /** Kind code → its place in the pack's list, which gives its shape. */
  kinds: ReadonlyMap<string, number>;
  now: number;
  /** A fix older than this is stale. */
  staleMs: number;
  zoom: number;
  scale: number;
  atlas: HTMLCanvasElement;
  /** Whether positions are those of cells only. */
  masked: boolean;
  palette: Palette;
  presences: ReadonlyMap<number, Presence>;
  /** The only forces that are drawn, while the others are counts; null for all. */
  only: ReadonlySet<number> | null;
};

/** Columns for deck; a picked index is a row of them. */
export type ForceMarks = {
  length: number;
  ids: Float64Array;
  positions: Float64Array;
  colours: Uint8Array;
  sizes: Float32Array;
  frames: string[];
};

/** Drawn under names, so that a thousand forces hide no label. */
const UNDER_NAMES = "name-places";

/** 0 from afar, 1 when near: idle forces are faint over a whole county and distinct in a town. */
function nearness(zoom: number): number {
  return Math.min(1, Math.max(0, (zoom - 10) / 2.5));
}

/** `age`: 0 for a fix of this moment, 1 for a stale one. */
function fade(base: Rgba, age: number, strength: number): Rgba {
  const alpha = (255 - Math.min(1, Math.max(0, age)) * 110) * strength;
  return [base[0], base[1], base[2], alpha];
}

function isDrawn(fleet: Fleet, slot: number, view: Pick<ForceView, "forces" | "now" | "staleMs">): boolean {
  const force = view.forces.get(fleet.force[slot] as number);
  return force !== undefined && force.duty !== "off" && isFixUsable(force, fleet.at[slot] as number, view);
}

/** The forces that are not off duty and have a usable fix, to be counted. */
export function countedForces(fleet: Fleet, view: Pick<ForceView, "forces" | "busy" | "now" | "staleMs">): (Counted & { id: number })[] {
  const counted = [];
  for (let slot = 0; slot < fleet.count; slot++) {
    if (!isDrawn(fleet, slot, view)) continue;
    const id = fleet.force[slot] as number;
    const [lon, lat] = [fleet.position[slot * 2] as number, fleet.position[slot * 2 + 1] as number];
    counted.push({ id, lon, lat, path: view.forces.get(id)?.division_path ?? "", busy: view.busy.has(id) });
  }
  return counted;
}

/** Columns of the forces that are not off duty and have a usable fix, busy ones last, on top. */
export function forceMarks(fleet: Fleet, view: ForceView): ForceMarks {
  const slots: number[] = [];
  for (let slot = 0; slot < fleet.count; slot++) {
    const id = fleet.force[slot] as number;
    if (isDrawn(fleet, slot, view) && (view.only === null || view.only.has(id))) slots.push(slot);
  }
  slots.sort((a, b) => Number(view.busy.has(fleet.force[a] as number)) - Number(view.busy.has(fleet.force[b] as number)));
  const marks: ForceMarks = {
    length: slots.length,
    ids: new Float64Array(slots.length),
    positions: new Float64Array(slots.length * 2),
    colours: new Uint8Array(slots.length * 4),
    sizes: new Float32Array(slots.length),
    frames: [],
  };
  slots.forEach((slot, i) => mark(marks, i, { fleet, slot, view }));
  return marks;
}

function mark(marks: ForceMarks, i: number, from: { fleet: Fleet; slot: number; view: ForceView }): void {
  const { fleet, slot, view } = from;
  const id = fleet.force[slot] as number;
  const age = (view.now - (fleet.at[slot] as number)) / view.staleMs;
  const silent = silentSince(view.presences.get(id), fleet.at[slot] as number) !== null;
  const stale = age > 1 || silent;
  const shape = Math.max(0, view.kinds.get(view.forces.get(id)?.kind ?? "") ?? 0) % SHAPES.length;
  marks.ids[i] = id;
  const at: [number, number] = [fleet.position[slot * 2] as number, fleet.position[slot * 2 + 1] as number];
  marks.positions.set(view.masked ? aside(id, at) : at, i * 2);
  const busy = view.busy.has(id);
  const strength = busy ? 1 : 0.45 + 0.55 * nearness(view.zoom);
  marks.colours.set(fade(stale ? view.palette.stale : busy ? view.palette.busy : view.palette.free, stale ? 0 : age, strength), i * 4);
  marks.sizes[i] = sizeAt(view.zoom, busy) * view.scale;
  marks.frames.push(`${stale ? "h" : "s"}${shape}`);
}

function sizeAt(zoom: number, busy: boolean): number {
  const least = busy ? 13 : 5;
  return least + (Math.min(24, 9 + Math.max(0, zoom - 10) * 3.2) - least) * nearness(zoom);
}

export function forceLayer(marks: ForceMarks, view: ForceView): Layer {
  return new IconLayer({
    id: "forces",
    data: {
      length: marks.length,
      attributes: {
        getPosition: { value: marks.positions, size: 2 },
        getColor: { value: marks.colours, size: 4, normalized: true },
        getSize: { value: marks.sizes, size: 1 },
      },
    },
    getIcon: (_: unknown, { index }: { index: number }) => marks.frames[index] as string,
    beforeId: UNDER_NAMES,
    iconAtlas: view.atlas as unknown as string,
    iconMapping: FRAMES,
    sizeUnits: "pixels",
    pickable: true,
    updateTriggers: { getIcon: marks },
  } as ConstructorParameters<typeof IconLayer>[0]);
}
