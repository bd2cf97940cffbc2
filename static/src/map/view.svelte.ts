/** What the map shows: layers that are on, how near one is, what the pointer rests on. */

export type LayerName = "hexes" | "incidents" | "forces" | "cameras" | "grids" | "places";

export const LAYERS: readonly LayerName[] = ["hexes", "incidents", "forces", "cameras", "grids", "places"];

class MapView {
  on = $state<Record<LayerName, boolean>>({
    hexes: true,
    incidents: true,
    forces: true,
    cameras: true,
    grids: true,
    places: true,
  });
  zoom = $state(10);

  toggle(layer: LayerName): void {
    this.on[layer] = !this.on[layer];
  }
}

export const mapView = new MapView();
