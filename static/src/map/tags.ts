/** Labels beside a few points, as HTML, so that they look like the page's other text. */

import { Marker, type Map as MapLibre } from "maplibre-gl";
import { spread, type Box } from "./spread";

const GAP_PX = 2;

/** `side`: on which side of the point the label stands. */
export type Tag = { id: number; lon: number; lat: number; text: string; side: "left" | "right" };

export class Tags {
  readonly #map: MapLibre;
  readonly #markers = new Map<number, Marker>();

  constructor(map: MapLibre) {
    this.#map = map;
    map.on("move", () => this.#layOut());
  }

  /** Shows exactly these labels, moving those that exist. */
  show(tags: readonly Tag[]): void {
    const wanted = new Set(tags.map((tag) => tag.id));
    for (const [id, marker] of this.#markers) {
      if (wanted.has(id)) continue;
      marker.remove();
      this.#markers.delete(id);
    }
    for (const tag of tags) this.#place(tag);
    this.#layOut();
  }

  /** Moves overlapping labels apart. */
  #layOut(): void {
    const markers = [...this.#markers.values()];
    const shifts = spread(markers.map((marker) => this.#boxOf(marker)), GAP_PX);
    markers.forEach((marker, i) => marker.setOffset([0, shifts[i] as number]));
  }

  /** The label's box before it is moved apart from others. */
  #boxOf(marker: Marker): Box {
    const { offsetWidth: width, offsetHeight: height, dataset } = marker.getElement();
    const { x, y } = this.#map.project(marker.getLngLat());
    return { left: dataset.side === "left" ? x - width : x, top: y - height / 2, width, height };
  }

  #place(tag: Tag): void {
    const known = this.#markers.get(tag.id);
    if (known && known.getElement().dataset.side !== tag.side) known.remove();
    const marker = known?.getElement().dataset.side === tag.side ? known : this.#make(tag);
    marker.setLngLat([tag.lon, tag.lat]);
    const element = marker.getElement();
    element.dataset.side = tag.side;
    if (element.textContent !== tag.text) element.textContent = tag.text;
  }

  #make(tag: Tag): Marker {
    const element = document.createElement("div");
    element.className = "map-tag";
    const marker = new Marker({ element, anchor: tag.side === "left" ? "right" : "left" }).setLngLat([tag.lon, tag.lat]).addTo(this.#map);
    for (const name of ["role", "aria-label", "tabindex"]) element.removeAttribute(name);
    this.#markers.set(tag.id, marker);
    return marker;
  }
}
