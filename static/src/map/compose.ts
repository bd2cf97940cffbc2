/** Lines and labels between forces and incidents, from a scene and what is chosen in it. */

import type { KeyArea } from "../wire/viewing";
import type { Layer } from "@deck.gl/core";
import type { Scene } from "../live/scene.svelte";
import { isPlaced } from "../live/placed";
import type { TrailPath } from "../live/presence";
import { positionOf, type Position } from "../live/position";
import type { Camera, Candidate, Incident, Reach } from "../wire/types";
import type { Drawing } from "./layers/closures";
import { wayLayer, type Way } from "./layers/ways";
import type { Palette } from "./palette";
import type { Tag } from "./tags";

export type Choice = {
  incident: Incident | null;
  candidates: readonly Candidate[];
  /** The force that is proposed or dispatched. */
  force: number | null;
  nearCameras: readonly Camera[];
  /** The way by road of the force that is proposed, from where it was; a straight line without. */
  way?: readonly (readonly [number, number])[] | null;
  /** The way of one force, where its card asks for it. */
  trail?: readonly TrailPath[];
  /** What those on duty reach in time, while its sheet is open. */
  reach?: Reach | null;
  /** The closure that is being drawn. */
  drawing?: Drawing | null;
  keyAreas?: readonly KeyArea[];
};

export const NOTHING_CHOSEN: Choice = { incident: null, candidates: [], force: null, nearCameras: [] };

export type Moment = { now: number; staleMs: number };

/** A force's position, null where unknown: on a wall only forces with a fix have one, as home posts are masked. */
function where(scene: Scene, force: number, moment: Moment): Position | null {
  const known = scene.force(force);
  const at = known ? positionOf(known, scene.fleet, moment) : null;
  return at && (at.seenAt !== null || at.lon !== 0 || at.lat !== 0) ? at : null;
}

export type WayOptions = Moment & {
  scale: number;
  palette: Palette;
  /** Whether the ways of all tasks are drawn, not the chosen incident's only. */
  all: boolean;
};

/** Lines of active tasks, and of the force that is proposed for the chosen incident. */
export function ways(scene: Scene, choice: Choice, { scale, palette, all, ...moment }: WayOptions): Layer {
  const lines: Way[] = [];
  for (const task of scene.busy.values()) {
    if (!all && task.incident !== choice.incident?.id) continue;
    const incident = scene.incident(task.incident);
    const from = where(scene, task.force, moment);
    if (incident && isPlaced(incident) && from) {
      const road = task.force === choice.force && incident.id === choice.incident?.id ? roadOf(choice) : [];
      lines.push({ path: [[from.lon, from.lat], ...road, [incident.lon, incident.lat]], kind: incident.id === choice.incident?.id ? "chosen" : "task" });
    }
  }
  const proposed = choice.force === null || scene.busy.has(choice.force) ? null : where(scene, choice.force, moment);
  if (choice.incident && isPlaced(choice.incident) && proposed) {
    lines.push({ path: [[proposed.lon, proposed.lat], ...roadOf(choice), [choice.incident.lon, choice.incident.lat]], kind: "proposed" });
  }
  return wayLayer(lines, scale, palette);
}

function roadOf({ way }: Choice): [number, number][] {
  return (way ?? []).map(([lon, lat]) => [lon, lat]);
}

/** `label` writes a force's name with the age of its fix. */
export type TagOptions = Moment & { label: (name: string, seenAt: number | null) => string };

/** Labels for the candidates of the chosen incident, or for the forces on it and the one proposed beside them. */
export function tags(scene: Scene, choice: Choice, { label, ...moment }: TagOptions): Tag[] {
  if (!choice.incident || !isPlaced(choice.incident)) return [];
  const eastOf = choice.incident.lon;
  const sent = scene.activeTasksOf(choice.incident.id).map(({ force }) => force);
  const proposed = choice.force === null || sent.includes(choice.force) ? [] : [choice.force];
  const ids = sent.length ? [...sent, ...proposed] : choice.candidates.slice(0, 3).map((candidate) => candidate.force);
  return ids.flatMap((id) => {
    const at = where(scene, id, moment);
    const name = scene.force(id)?.name || choice.candidates.find((one) => one.force === id)?.name;
    if (!at || !name) return [];
    return [{ id, lon: at.lon, lat: at.lat, text: label(name, at.seenAt), side: at.lon < eastOf ? "left" : "right" }];
  });
}
