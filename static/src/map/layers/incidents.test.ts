import { describe, expect, it } from "vitest";
import { incident, NOW } from "../../testing/bodies";
import { PALETTES } from "../palette";
import { chosenLayer, incidentLayers } from "./incidents";

describe("incidents on the map", () => {
  it("are those that have a place", () => {
    const waiting = incident(2, { lon: null, lat: null, cell: null });
    const view = { topRisk: "high", now: NOW, scale: 1, rank: new Map(), near: true, palette: PALETTES.dark, atlas: {} as HTMLCanvasElement };
    const [, , drawn] = incidentLayers([incident(1), waiting, incident(3)], view);
    expect((drawn?.props.data as { length: number }).length).toBe(2);
    expect(drawn?.id).toBe("incidents");
    expect(chosenLayer(waiting, 1, PALETTES.dark).props.data).toEqual([]);
  });
});
