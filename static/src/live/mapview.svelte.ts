/** Layers that are switched on, and the map's zoom. */

export type LayerName = "hexes" | "incidents" | "forces" | "cameras" | "key_areas" | "grids" | "places";

export const LAYERS: readonly LayerName[] = ["hexes", "incidents", "forces", "cameras", "key_areas", "grids", "places"];

/** A thing that was found, marked on the map. A force's mark follows it. */
export type Marked = { kind: string; id: number; lon: number; lat: number; label: string };

export class MapView {
  on = $state<Record<LayerName, boolean>>({
    hexes: true,
    incidents: true,
    forces: true,
    cameras: true,
    key_areas: true,
    grids: true,
    places: true,
  });
  zoom = $state(10);
  marked = $state.raw<Marked | null>(null);

  toggle(layer: LayerName): void {
    this.on[layer] = !this.on[layer];
  }
}
