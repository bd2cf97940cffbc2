import { describe, expect, it } from "vitest";
import { PALETTES } from "./palette";
import type { Scene } from "../live/scene.svelte";
import { Fleet } from "../live/fleet.svelte";
import type { Fixes, Force, Incident, Task } from "../wire/types";
import { NOTHING_CHOSEN, tags, ways } from "./compose";

const moment = { now: 10_000_000, staleMs: 180_000, scale: 1, palette: PALETTES.dark, all: true };

function scene(force: Partial<Force>, fleet: Fleet): Scene {
  const task = { incident: 1, force: 7 } as Task;
  const incident = { id: 1, lon: 120.5, lat: 31.1 } as Incident;
  return {
    fleet,
    busy: new Map([[7, task]]),
    activeTasksOf: () => [task],
    incident: () => incident,
    force: () => ({ id: 7, duty: "on", ...force }) as Force,
  } as unknown as Scene;
}

const lines = (of: Scene) => (ways(of, NOTHING_CHOSEN, moment).props as unknown as { data: unknown[] }).data;

describe("the line to an incident", () => {
  it("begins at the home post where no fix is known", () => {
    expect(lines(scene({ home_lon: 120, home_lat: 31 }, new Fleet()))).toHaveLength(1);
  });

  it("is not drawn where the home post is masked", () => {
    expect(lines(scene({ home_lon: 0, home_lat: 0 }, new Fleet()))).toHaveLength(0);
  });

  it("begins at the fix of a force whose home post is masked", () => {
    const fleet = new Fleet();
    fleet.replace({ force: [7], lon: [121], lat: [32], at: [moment.now], heading: [null], accuracy: [null] } as unknown as Fixes);
    expect(lines(scene({ home_lon: 0, home_lat: 0 }, fleet))).toHaveLength(1);
  });
});

describe("what is chosen beside the forces on an incident", () => {
  const incident = { id: 1, lon: 120.5, lat: 31.1 } as Incident;
  const on = scene({ home_lon: 120, home_lat: 31, name: "F" }, new Fleet());
  const choice = (force: number | null) => ({ ...NOTHING_CHOSEN, incident, force });
  const kinds = (force: number | null) =>
    (ways(on, choice(force), moment).props as unknown as { data: { kind: string }[] }).data.map(({ kind }) => kind);
  const labels = (force: number | null) => tags(on, choice(force), { ...moment, label: (name) => name }).map(({ id }) => id);

  it("has a line and a label of its own", () => {
    expect(kinds(8)).toEqual(["chosen", "proposed"]);
    expect(labels(8)).toEqual([7, 8]);
  });

  it("is drawn once where it is on the incident already, or nobody is chosen", () => {
    expect([kinds(7), kinds(null)]).toEqual([["chosen"], ["chosen"]]);
    expect([labels(7), labels(null)]).toEqual([[7], [7]]);
  });
});
