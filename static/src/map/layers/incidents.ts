/** The layer of incidents: red needs action now, amber is due soon, pale is within its time, a ring is in progress. */

import type { Layer, PickingInfo } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import { isPlaced, type Placed } from "../../live/placed";
import { isWaiting, urgencyOf, type Urgency } from "../../live/urgency";
import type { Incident } from "../../wire/types";
import { CHOSEN, DARK, HALO, RING, URGENCY, type Rgba } from "../palette";

export type IncidentView = { topRisk: string; now: number; scale: number; rank: ReadonlyMap<string, number>; near: boolean };

/** The incidents that are drawn, and their columns for deck. */
type IncidentMarks = {
  incidents: readonly Placed[];
  urgent: readonly Placed[];
  positions: Float64Array;
  radii: Float32Array;
  fills: Uint8Array;
  lines: Uint8Array;
};

function radius(incident: Incident, urgency: Urgency, { rank, scale }: IncidentView): number {
  const base = isWaiting(incident) ? 5.5 + 1.5 * (rank.get(incident.risk) ?? 0) : 4.5;
  return (urgency === "now" ? base + 1 : base) * scale;
}

/** Above this many, discs are drawn smaller from afar, or they would cover the county's names. */
const AT_FULL_SIZE = 150;
const SMALLEST = 0.4;

export function crowding(count: number, near: boolean): number {
  return near ? 1 : Math.min(1, Math.max(SMALLEST, Math.sqrt(AT_FULL_SIZE / Math.max(1, count))));
}

/** The most urgent are drawn last, on top. */
const ORDER: readonly Urgency[] = ["closed", "served", "wait", "soon", "now"];

/** Columns for deck, as typed arrays: accessors for twenty thousand incidents take tens of milliseconds. */
function marksOf(queue: readonly Placed[], view: IncidentView): IncidentMarks {
  const groups = new Map<Urgency, Placed[]>(ORDER.map((urgency) => [urgency, []]));
  for (const incident of queue) groups.get(urgencyOf(incident, view.now, view.topRisk))?.push(incident);
  const marks = {
    incidents: [...groups.values()].flat(),
    urgent: groups.get("now") ?? [],
    positions: new Float64Array(queue.length * 2),
    radii: new Float32Array(queue.length),
    fills: new Uint8Array(queue.length * 4),
    lines: new Uint8Array(queue.length * 4),
  };
  let from = 0;
  for (const [urgency, incidents] of groups) {
    incidents.forEach((incident, i) => {
      marks.positions[(from + i) * 2] = incident.lon;
      marks.positions[(from + i) * 2 + 1] = incident.lat;
      marks.radii[from + i] = radius(incident, urgency, view);
    });
    const to = from + incidents.length;
    paint(marks.fills, URGENCY[urgency], { from, to });
    paint(marks.lines, urgency === "served" ? RING : DARK, { from, to });
    from = to;
  }
  return marks;
}

/** Fills a range of marks with one colour, a pixel at a time. */
function paint(pixels: Uint8Array, colour: Rgba, { from, to }: { from: number; to: number }): void {
  const [pixel] = new Uint32Array(new Uint8Array(colour).buffer);
  new Uint32Array(pixels.buffer).fill(pixel as number, from, to);
}

export function incidentLayers(queue: readonly Incident[], view: IncidentView): Layer[] {
  const marks = marksOf(queue.filter(isPlaced), view);
  const radiusScale = crowding(marks.incidents.length, view.near);
  return [
    new ScatterplotLayer<Placed>({
      id: "incident-halo",
      data: marks.urgent,
      getPosition: ({ lon, lat }) => [lon, lat],
      getRadius: (incident) => radius(incident, "now", view) + 6 * view.scale,
      radiusUnits: "pixels",
      radiusScale,
      getFillColor: HALO,
    }),
    new ScatterplotLayer({
      id: "incidents",
      data: {
        length: marks.incidents.length,
        incidents: marks.incidents,
        attributes: {
          getPosition: { value: marks.positions, size: 2 },
          getRadius: { value: marks.radii, size: 1 },
          getFillColor: { value: marks.fills, size: 4, normalized: true },
          getLineColor: { value: marks.lines, size: 4, normalized: true },
        },
      },
      radiusUnits: "pixels",
      radiusScale,
      getLineWidth: 1.5 * radiusScale * view.scale,
      lineWidthUnits: "pixels",
      stroked: true,
      pickable: true,
      updateTriggers: { getLineWidth: radiusScale },
    } as ConstructorParameters<typeof ScatterplotLayer>[0]),
  ];
}

/** The incident that was picked, from the layer's own list: in a newer list, not drawn yet, the n-th may be another one. */
export function pickedIncident({ layer, index }: PickingInfo): Incident | undefined {
  const { data } = (layer?.props ?? {}) as { data?: { incidents?: readonly Incident[] } };
  return data?.incidents?.[index];
}

/** The ring round the chosen incident. */
export function chosenLayer(incident: Incident, scale: number): Layer {
  return new ScatterplotLayer<Placed>({
    id: "chosen",
    data: [incident].filter(isPlaced),
    getPosition: (one) => [one.lon, one.lat],
    getRadius: 15 * scale,
    radiusUnits: "pixels",
    filled: false,
    stroked: true,
    getLineColor: CHOSEN,
    getLineWidth: 2.5 * scale,
    lineWidthUnits: "pixels",
  });
}
