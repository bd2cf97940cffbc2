/** The layers of incidents, by shape and colour: a red star needs action now, an amber target is due soon, a plain disc
 * is within its time, a ring is in progress. */

import type { Layer, PickingInfo } from "@deck.gl/core";
import { IconLayer, ScatterplotLayer } from "@deck.gl/layers";
import { isPlaced, type Placed } from "../../live/placed";
import { isWaiting, urgencyOf, type Urgency } from "../../live/urgency";
import type { Incident } from "../../wire/types";
import type { Palette, Rgba } from "../palette";
import { FRAMES } from "../shapes";

export type IncidentView = {
  topRisk: string;
  now: number;
  scale: number;
  rank: ReadonlyMap<string, number>;
  near: boolean;
  palette: Palette;
  atlas: HTMLCanvasElement;
};

/** The incidents that are drawn, and their columns for deck. */
type IncidentMarks = {
  incidents: readonly Placed[];
  urgent: readonly Placed[];
  positions: Float64Array;
  radii: Float32Array;
  sizes: Float32Array;
  fills: Uint8Array;
  edges: Uint8Array;
  frames: Urgency[];
};

/** The side of an icon whose disc has a radius of 1: the atlas has a margin. */
const ICON_PER_RADIUS = 30 / 9.5;
const EDGE_PX = 1.5;

function radius(incident: Incident, urgency: Urgency, { rank, scale }: IncidentView): number {
  const base = isWaiting(incident) ? 6 + 1.2 * (rank.get(incident.risk) ?? 0) : 4.5;
  return (urgency === "now" ? base + 1.5 : base) * scale;
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
    sizes: new Float32Array(queue.length),
    fills: new Uint8Array(queue.length * 4),
    edges: new Uint8Array(queue.length * 4),
    frames: [...groups].flatMap(([urgency, incidents]) => incidents.map(() => urgency)),
  };
  const quiet: Rgba = [view.palette.edge[0], view.palette.edge[1], view.palette.edge[2], 150];
  let from = 0;
  for (const [urgency, incidents] of groups) {
    incidents.forEach((incident, i) => {
      marks.positions[(from + i) * 2] = incident.lon;
      marks.positions[(from + i) * 2 + 1] = incident.lat;
      const drawn = radius(incident, urgency, view);
      marks.radii[from + i] = drawn + EDGE_PX * view.scale;
      marks.sizes[from + i] = drawn * ICON_PER_RADIUS;
    });
    const to = from + incidents.length;
    paint(marks.fills, view.palette.urgency[urgency], { from, to });
    paint(marks.edges, urgency === "served" ? quiet : view.palette.edge, { from, to });
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
      getFillColor: view.palette.halo,
      updateTriggers: { getFillColor: view.palette.halo },
    }),
    edgeLayer(marks, radiusScale),
    symbolLayer(marks, { ...view, radiusScale }),
  ];
}

/** What lies behind the symbols, so that they stand out from hotspots, forces and names. */
function edgeLayer(marks: IncidentMarks, radiusScale: number): Layer {
  return new ScatterplotLayer({
    id: "incident-edges",
    data: {
      length: marks.incidents.length,
      attributes: {
        getPosition: { value: marks.positions, size: 2 },
        getRadius: { value: marks.radii, size: 1 },
        getFillColor: { value: marks.edges, size: 4, normalized: true },
      },
    },
    radiusUnits: "pixels",
    radiusScale,
  } as ConstructorParameters<typeof ScatterplotLayer>[0]);
}

function symbolLayer(marks: IncidentMarks, view: IncidentView & { radiusScale: number }): Layer {
  return new IconLayer({
    id: "incidents",
    data: {
      length: marks.incidents.length,
      incidents: marks.incidents,
      attributes: {
        getPosition: { value: marks.positions, size: 2 },
        getSize: { value: marks.sizes, size: 1 },
        getColor: { value: marks.fills, size: 4, normalized: true },
      },
    },
    getIcon: (_: unknown, { index }: { index: number }) => marks.frames[index] as string,
    iconAtlas: view.atlas as unknown as string,
    iconMapping: FRAMES,
    sizeUnits: "pixels",
    sizeScale: view.radiusScale,
    pickable: true,
    updateTriggers: { getIcon: marks },
  } as ConstructorParameters<typeof IconLayer>[0]);
}

/** The incident that was picked, from the layer's own list: in a newer list, not drawn yet, the n-th may be another one. */
export function pickedIncident({ layer, index }: PickingInfo): Incident | undefined {
  const { data } = (layer?.props ?? {}) as { data?: { incidents?: readonly Incident[] } };
  return data?.incidents?.[index];
}

/** The ring round the chosen incident. */
export function chosenLayer(incident: Incident, scale: number, palette: Palette): Layer {
  return new ScatterplotLayer<Placed>({
    id: "chosen",
    data: [incident].filter(isPlaced),
    getPosition: (one) => [one.lon, one.lat],
    getRadius: 15 * scale,
    radiusUnits: "pixels",
    filled: false,
    stroked: true,
    getLineColor: palette.chosen,
    updateTriggers: { getLineColor: palette },
    getLineWidth: 2.5 * scale,
    lineWidthUnits: "pixels",
  });
}
