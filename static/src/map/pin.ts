/** A pin on the map at a point that is being chosen. */

import { Marker, type Map } from "maplibre-gl";

/** Puts the pin there and returns what takes it away. `name` is what a screen reader says. */
export function putPin(map: Map, [lon, lat]: readonly [number, number], name: string): () => void {
  const element = document.createElement("div");
  element.className = "map-pin";
  element.dataset.testid = "map-pin";
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", name);
  // The map moves the element itself: its shape is turned inside it.
  element.append(document.createElement("span"));
  const marker = new Marker({ element, anchor: "bottom" }).setLngLat([lon, lat]).addTo(map);
  return () => void marker.remove();
}
