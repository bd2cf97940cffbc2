/** From a scene and what is chosen to deck's layers. Pure but for reading the scene. */

import type { Layer } from "@deck.gl/core";
import type { Scene } from "../live/scene.svelte";
import { standing, type Standing } from "../live/standing";
import type { Camera, Candidate, Incident } from "../wire/types";
import { wayLayer, type Way } from "./layers/ways";
import type { Tag } from "./tags";

export type Choice = {
  incident: Incident | null;
  candidates: readonly Candidate[];
  /** The force that would be sent, or has been. */
  force: number | null;
  nearCameras: readonly Camera[];
};

export const NOTHING_CHOSEN: Choice = { incident: null, candidates: [], force: null, nearCameras: [] };

export type Moment = { now: number; staleMs: number };

/** Null where it is not known: of a wall's forces only those with a fix have a place, their home posts are masked. */
function where(scene: Scene, force: number, moment: Moment): Standing | null {
  const known = scene.force(force);
  const at = known ? standing(known, scene.fleet, moment) : null;
  return at && (at.seenAt !== null || at.lon !== 0 || at.lat !== 0) ? at : null;
}

/** Lines of every task in hand, and of the proposal for the chosen matter. */
export function ways(scene: Scene, choice: Choice, { scale, ...moment }: Moment & { scale: number }): Layer {
  const lines: Way[] = [];
  for (const task of scene.activeTasks.values()) {
    const matter = scene.incident(task.incident);
    const from = where(scene, task.force, moment);
    if (matter && from) {
      lines.push({ from: [from.lon, from.lat], to: [matter.lon, matter.lat], kind: matter.id === choice.incident?.id ? "chosen" : "task" });
    }
  }
  const proposed = choice.force === null ? null : where(scene, choice.force, moment);
  if (choice.incident && proposed && !scene.activeTasks.has(choice.incident.id)) {
    lines.push({ from: [proposed.lon, proposed.lat], to: [choice.incident.lon, choice.incident.lat], kind: "proposed" });
  }
  return wayLayer(lines, scale);
}

/** `label` writes a force's name with the age of its fix. */
export type TagOptions = Moment & { label: (name: string, seenAt: number | null) => string };

/** Names and ages beside the candidates of the chosen matter, or beside the one who is on the way. */
export function tags(scene: Scene, choice: Choice, { label, ...moment }: TagOptions): Tag[] {
  if (!choice.incident) return [];
  const eastOf = choice.incident.lon;
  const task = scene.activeTasks.get(choice.incident.id);
  const ids = task ? [task.force] : choice.candidates.slice(0, 3).map((candidate) => candidate.force);
  return ids.flatMap((id) => {
    const at = where(scene, id, moment);
    const name = scene.force(id)?.name || choice.candidates.find((one) => one.force === id)?.name;
    if (!at || !name) return [];
    return [{ id, lon: at.lon, lat: at.lat, text: label(name, at.seenAt), side: at.lon < eastOf ? "left" : "right" }];
  });
}
