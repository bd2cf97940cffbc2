/** Matters as discs: red needs a hand now, amber soon will, pale waits within its time, a ring is in hand. */

import type { Layer } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import { isWaiting, urgencyOf, type Urgency } from "../../live/urgency";
import type { Incident } from "../../wire/types";
import { CHOSEN, DARK, URGENCY, type Rgba } from "../palette";

export type IncidentView = { topRisk: string; now: number; scale: number; rank: ReadonlyMap<string, number> };

const RING: Rgba = [110, 176, 255, 230];

type Drawn = { incident: Incident; urgency: Urgency };

function radius({ incident, urgency }: Drawn, { rank, scale }: IncidentView): number {
  const base = isWaiting(incident) ? 5.5 + 1.5 * (rank.get(incident.risk) ?? 0) : 4.5;
  return (urgency === "now" ? base + 1 : base) * scale;
}

/** The gravest are drawn last, on top. */
const ORDER: Record<Urgency, number> = { closed: 0, served: 1, wait: 2, soon: 3, now: 4 };

export function incidentLayers(incidents: readonly Incident[], view: IncidentView): Layer[] {
  const drawn = incidents
    .map((incident) => ({ incident, urgency: urgencyOf(incident, view.now, view.topRisk) }))
    .sort((a, b) => ORDER[a.urgency] - ORDER[b.urgency]);
  const urgent = drawn.filter((one) => one.urgency === "now");
  return [
    new ScatterplotLayer<Drawn>({
      id: "incident-halo",
      data: urgent,
      getPosition: ({ incident }) => [incident.lon, incident.lat],
      getRadius: (one) => radius(one, view) + 6 * view.scale,
      radiusUnits: "pixels",
      getFillColor: [255, 107, 102, 50],
    }),
    new ScatterplotLayer<Drawn>({
      id: "incidents",
      data: drawn,
      getPosition: ({ incident }) => [incident.lon, incident.lat],
      getRadius: (one) => radius(one, view),
      radiusUnits: "pixels",
      getFillColor: ({ urgency }) => URGENCY[urgency],
      getLineColor: ({ urgency }) => (urgency === "served" ? RING : DARK),
      getLineWidth: 1.5 * view.scale,
      lineWidthUnits: "pixels",
      stroked: true,
      pickable: true,
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
