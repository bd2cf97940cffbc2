/** Matters as discs: red needs a hand now, amber soon will, pale waits within its time, a ring is in hand. */

import type { Layer } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import { isWaiting, urgencyOf, type Urgency } from "../../live/urgency";
import type { Incident } from "../../wire/types";
import { CHOSEN, DARK, URGENCY, type Rgba } from "../palette";

export type IncidentView = { topRisk: string; now: number; scale: number; rank: ReadonlyMap<string, number>; near: boolean };

const RING: Rgba = [110, 176, 255, 230];

type Drawn = { incident: Incident; urgency: Urgency };

function radius({ incident, urgency }: Drawn, { rank, scale }: IncidentView): number {
  const base = isWaiting(incident) ? 5.5 + 1.5 * (rank.get(incident.risk) ?? 0) : 4.5;
  return (urgency === "now" ? base + 1 : base) * scale;
}

/** So many discs share a county with its names. More are drawn smaller from afar, or nothing else would be seen. */
const AT_FULL_SIZE = 150;
const SMALLEST = 0.4;

export function crowding(count: number, near: boolean): number {
  return near ? 1 : Math.min(1, Math.max(SMALLEST, Math.sqrt(AT_FULL_SIZE / Math.max(1, count))));
}

/** The gravest are drawn last, on top. */
const ORDER: Record<Urgency, number> = { closed: 0, served: 1, wait: 2, soon: 3, now: 4 };

export function incidentLayers(incidents: readonly Incident[], view: IncidentView): Layer[] {
  const drawn = incidents
    .map((incident) => ({ incident, urgency: urgencyOf(incident, view.now, view.topRisk) }))
    .sort((a, b) => ORDER[a.urgency] - ORDER[b.urgency]);
  const urgent = drawn.filter((one) => one.urgency === "now");
  const radiusScale = crowding(drawn.length, view.near);
  return [
    new ScatterplotLayer<Drawn>({
      id: "incident-halo",
      data: urgent,
      getPosition: ({ incident }) => [incident.lon, incident.lat],
      getRadius: (one) => radius(one, view) + 6 * view.scale,
      radiusUnits: "pixels",
      radiusScale,
      getFillColor: [255, 107, 102, 50],
    }),
    new ScatterplotLayer<Drawn>({
      id: "incidents",
      data: drawn,
      getPosition: ({ incident }) => [incident.lon, incident.lat],
      getRadius: (one) => radius(one, view),
      radiusUnits: "pixels",
      radiusScale,
      getFillColor: ({ urgency }) => URGENCY[urgency],
      getLineColor: ({ urgency }) => (urgency === "served" ? RING : DARK),
      getLineWidth: 1.5 * radiusScale * view.scale,
      lineWidthUnits: "pixels",
      stroked: true,
      pickable: true,
      updateTriggers: { getLineWidth: radiusScale },
    }),
  ];
}

/** The ring round the chosen matter. */
export function chosenLayer(incident: Incident, scale: number): Layer {
  return new ScatterplotLayer<Incident>({
    id: "chosen",
    data: [incident],
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
