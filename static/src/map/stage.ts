/** The stage owns the map and deck's overlay; everything else only hands it layers. */

import type { Layer, PickingInfo } from "@deck.gl/core";
import { MapLibreOverlay } from "@deck.gl/maplibre";
import { Map as MapLibre, ScaleControl, setWorkerUrl, type PaddingOptions } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { Tags, type Tag } from "./tags";
import { basemap, type BasemapOptions } from "./basemap";

setWorkerUrl(workerUrl);

/** The bar is at most so long, by how large everything is drawn: at least as long as its own figure. */
const BAR_PX = 100;

export type Bbox = [number, number, number, number];

export type StageOptions = {
  container: HTMLElement;
  /** What a screen reader calls the map. */
  label: string;
  bbox: Bbox;
  basemap: BasemapOptions;
  /** What panels will cover beside a chosen point. */
  padding: PaddingOptions;
  /** What they cover when nothing is chosen, and all of the place is to be seen. */
  fitPadding: PaddingOptions;
  interactive?: boolean;
  onClick: (info: PickingInfo) => void;
  onHover: (info: PickingInfo) => void;
  onZoom: (zoom: number) => void;
};

export class Stage {
  readonly map: MapLibre;
  readonly #overlay: MapLibreOverlay;
  readonly #padding: PaddingOptions;
  readonly #fitPadding: PaddingOptions;
  readonly #tags: Tags;
  readonly #bar: ScaleControl;
  readonly #sizes: ResizeObserver;
  #painted = false;

  constructor(options: StageOptions) {
    this.#padding = options.padding;
    this.#fitPadding = options.fitPadding;
    this.map = new MapLibre({
      container: options.container,
      style: basemap(options.basemap),
      bounds: options.bbox,
      fitBoundsOptions: { padding: options.fitPadding },
      attributionControl: false,
      locale: { "Map.Title": options.label },
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 18,
      minZoom: 6,
      fadeDuration: 120,
      interactive: options.interactive ?? true,
      trackResize: false,
    });
    // MapLibre's own watch takes the first size it is told for the one it knows, and a flight under way goes on with
    // the size it began with. Deck draws by the new one, and every dot would lie beside its place.
    // Where the size is known already, there is nothing to take and no flight to stop.
    this.#sizes = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = options.container;
      const canvas = this.map.getCanvas();
      if (canvas.clientWidth !== clientWidth || canvas.clientHeight !== clientHeight) this.map.stop().resize();
    });
    this.#sizes.observe(options.container);
    this.#tags = new Tags(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.#overlay = new MapLibreOverlay({
      interleaved: true,
      layers: [],
      pickingRadius: 6,
      onClick: options.onClick,
      onHover: options.onHover,
      getCursor: ({ isHovering }) => (isHovering ? "pointer" : "grab"),
    });
    this.map.addControl(this.#overlay);
    this.#bar = new ScaleControl({ maxWidth: BAR_PX * options.basemap.scale });
    this.map.addControl(this.#bar, "bottom-right");
    this.map.on("render", () => (this.#painted = true));
    this.map.on("zoom", () => options.onZoom(this.map.getZoom()));
    options.onZoom(this.map.getZoom());
  }

  draw(layers: Layer[]): void {
    this.#painted = false;
    this.#overlay.setProps({ layers });
  }

  /** What deck finds of a layer in all of the map, once the last layers handed over are painted. */
  found(layer: string): PickingInfo[] {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    return this.#painted ? this.#overlay.pickObjects({ x: 0, y: 0, width, height, layerIds: [layer] }) : [];
  }

  /** What deck finds at the pixel of a place, once the last layers handed over are painted. */
  foundAt(lon: number, lat: number): PickingInfo | null {
    const { x, y } = this.map.project([lon, lat]);
    return this.#painted ? this.#overlay.pickObject({ x, y }) : null;
  }

  tag(tags: readonly Tag[]): void {
    this.#tags.show(tags);
  }

  restyle(options: BasemapOptions): void {
    this.map.setStyle(basemap(options), { diff: true });
    this.#bar.options.maxWidth = BAR_PX * options.scale;
    this.#bar.setUnit("metric");
  }

  /** Fetch lines and names again: what this user may read of them has changed. */
  redraw(): void {
    this.map.refreshTiles("county");
  }

  /** By an offset: the map would keep a padding, and add to it whatever `fit` asks for. */
  goTo(lon: number, lat: number, zoom: number): void {
    const { top = 0, right = 0, bottom = 0, left = 0 } = this.#padding;
    this.map.easeTo({
      center: [lon, lat],
      zoom: Math.max(this.map.getZoom(), zoom),
      offset: [(left - right) / 2, (top - bottom) / 2],
      duration: 500,
    });
  }

  fit(bbox: Bbox): void {
    this.map.fitBounds(bbox, { padding: this.#fitPadding, duration: 500 });
  }

  bbox(): Bbox {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  destroy(): void {
    this.#sizes.disconnect();
    this.map.remove();
  }
}
