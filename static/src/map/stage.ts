/** Owns the MapLibre map and deck's overlay, and draws the layers it is given. */

import type { Layer, PickingInfo } from "@deck.gl/core";
import { MapLibreOverlay } from "@deck.gl/maplibre";
import { Map as MapLibre, ScaleControl, setWorkerUrl, type PaddingOptions, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { Tags, type Tag } from "./tags";
import { basemap, type BasemapOptions } from "./basemap";
import { Frames } from "./frames";
import { isRaster } from "./raster";
import { Retries } from "./retries";

setWorkerUrl(workerUrl);

/** Longest scale bar, before scaling: enough for its own label. */
const BAR_PX = 100;

/** How far beside a mark a click still means it. */
const PICKING_PX = 6;

function nothingAt(x: number, y: number, { lng, lat }: { lng: number; lat: number }): PickingInfo {
  return { x, y, coordinate: [lng, lat], layer: null, index: -1, color: null, picked: false, pixelRatio: 1 };
}

/** Statuses of a request without an answer, and of a server behind ours that is away. */
const AWAY: readonly unknown[] = [0, 502, 504];
/** Of a tile that was asked for just before the session's end. */
const SIGNED_OUT = 401;
/** Whether a request of the map had no answer. Its worker's errors are of a class of their own. */
const isAway = (error: object): boolean => "status" in error && (error.status === SIGNED_OUT || AWAY.includes(error.status));

const FLIGHT_MS = 500;
/** How long names fade in. */
const FADE_MS = 120;
/** Whether somebody asked for less motion. MapLibre itself heeds it in flights alone, not in names and colours. */
const isStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function styleOf(options: BasemapOptions): StyleSpecification {
  const style = basemap(options);
  return isStill() ? { ...style, transition: { duration: 0, delay: 0 } } : style;
}

/** Room to leave around places that are to be seen together. */
const EDGE_PX = 48;

/** What deck answers in its next frame: what lies under the pointer. */
const POINTING = ["pointermove", "pointerdown", "pointerup", "pointerleave"] as const;

/** The next style with the sources that were added to the last one, and their layers, on top. `own` are the last one's. */
function withAdded(previous: StyleSpecification | undefined, next: StyleSpecification, own: ReadonlySet<string>): StyleSpecification {
  const sources = Object.entries(previous?.sources ?? {}).filter(([name]) => !own.has(name));
  const added = new Set(sources.map(([name]) => name));
  const layers = (previous?.layers ?? []).filter((layer) => "source" in layer && added.has(layer.source));
  return { ...next, sources: { ...next.sources, ...Object.fromEntries(sources) }, layers: [...next.layers, ...layers] };
}

export type Bbox = [number, number, number, number];

export type StageOptions = {
  container: HTMLElement;
  /** What a screen reader calls the map. */
  label: string;
  bbox: Bbox;
  basemap: BasemapOptions;
  /** What panels cover beside a chosen point. */
  padding: PaddingOptions;
  /** What they cover when the whole area is shown. */
  fitPadding: PaddingOptions;
  interactive?: boolean;
  onClick: (info: PickingInfo) => void;
  onHover: (info: PickingInfo) => void;
  onZoom: (zoom: number) => void;
};

export class Stage {
  readonly map: MapLibre;
  readonly #overlay: MapLibreOverlay;
  #padding: PaddingOptions;
  #fitPadding: PaddingOptions;
  readonly #tags: Tags;
  readonly #bar: ScaleControl;
  readonly #sizes: ResizeObserver;
  readonly #frames = new Frames();
  readonly #retries = new Retries((source) => {
    if (this.map.getSource(source)) this.map.refreshTiles(source);
  });
  #painted = false;
  /** Sources of the county's own style. */
  #own: ReadonlySet<string>;
  /** The flight that is under way. */
  #flight: (() => void) | null = null;

  constructor(options: StageOptions) {
    this.#padding = options.padding;
    this.#fitPadding = options.fitPadding;
    const style = styleOf(options.basemap);
    this.#own = new Set(Object.keys(style.sources));
    this.map = new MapLibre({
      container: options.container,
      style,
      bounds: options.bbox,
      fitBoundsOptions: { padding: options.fitPadding },
      attributionControl: false,
      locale: { "Map.Title": options.label },
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 18,
      minZoom: 6,
      fadeDuration: isStill() ? 0 : FADE_MS,
      interactive: options.interactive ?? true,
      trackResize: false,
    });
    // MapLibre's own observer ignores the first size it gets, and a running flight keeps the size it began with. Deck
    // draws by the new size, so every dot would be off. So stop and resize, but only when the size has changed, and fly
    // on to where a flight was going.
    this.#sizes = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = options.container;
      const canvas = this.map.getCanvas();
      if (canvas.clientWidth === clientWidth && canvas.clientHeight === clientHeight) return;
      const flight = this.#flight;
      this.map.stop().resize();
      if (flight) this.#fly(flight);
    });
    this.map.on("moveend", () => (this.#flight = null));
    this.#sizes.observe(options.container);
    this.#tags = new Tags(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.#overlay = new MapLibreOverlay({
      interleaved: true,
      layers: [],
      pickingRadius: PICKING_PX,
      onHover: options.onHover,
      getCursor: ({ isHovering }) => (isHovering ? "pointer" : "grab"),
    });
    this.map.addControl(this.#overlay);
    this.#frugal();
    this.#bar = new ScaleControl({ maxWidth: BAR_PX * options.basemap.scale });
    this.map.addControl(this.#bar, "bottom-right");
    // Deck's own click tells what lay there when the button went down, and nothing while its layers were being replaced.
    this.map.on("click", ({ point: { x, y }, lngLat }) => options.onClick(this.#picked(x, y) ?? nothingAt(x, y, lngLat)));
    this.map.on("render", () => (this.#painted = true));
    // MapLibre logs faults that nobody hears. That the server is away is told by the link's sign.
    this.map.on("error", ({ error, ...of }) => {
      if (!isAway(error)) console.error(error);
      else if ("sourceId" in of && isRaster(String(of.sourceId))) this.#retries.failed(String(of.sourceId));
    });
    this.map.on("zoom", () => options.onZoom(this.map.getZoom()));
    options.onZoom(this.map.getZoom());
  }

  /** Lets deck draw when something changes. Its overlay keeps the loop to itself. */
  #frugal(): void {
    this.#overlay["_deck"]?.["animationLoop"]?.setProps({ animationFrameProvider: this.#frames });
    const wake = () => this.#frames.wake();
    for (const change of ["move", "resize", "styledata"] as const) this.map.on(change, wake);
    for (const pointing of POINTING) this.map.getCanvasContainer().addEventListener(pointing, wake);
  }

  draw(layers: Layer[]): void {
    this.#painted = false;
    this.#overlay.setProps({ layers });
    this.#frames.wake();
  }

  /** What deck picks of a layer in the whole map, once the last layers are painted. */
  found(layer: string): PickingInfo[] {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    return this.#painted ? this.#overlay.pickObjects({ x: 0, y: 0, width, height, layerIds: [layer] }) : [];
  }

  /** What deck picks at the pixel of a place, once the last layers are painted. */
  foundAt(lon: number, lat: number): PickingInfo | null {
    const { x, y } = this.map.project([lon, lat]);
    return this.#painted ? this.#overlay.pickObject({ x, y }) : null;
  }

  #picked(x: number, y: number): PickingInfo | null {
    return this.#overlay.pickObject({ x, y, radius: PICKING_PX });
  }

  tag(tags: readonly Tag[]): void {
    this.#tags.show(tags);
  }

  restyle(options: BasemapOptions): void {
    const [style, own] = [styleOf(options), this.#own];
    this.#own = new Set(Object.keys(style.sources));
    this.map.setStyle(style, { diff: true, transformStyle: (previous, next) => withAdded(previous, next, own) });
    this.#bar.options.maxWidth = BAR_PX * options.scale;
    this.#bar.setUnit("metric");
  }

  /** Fetches boundaries and names again: what this user may read has changed. */
  redraw(): void {
    this.map.refreshTiles("county");
  }

  /** What panels cover has changed: the next flights keep off it. */
  keepOff(padding: PaddingOptions, fitPadding: PaddingOptions): void {
    this.#padding = padding;
    this.#fitPadding = fitPadding;
  }

  /** Centres a place in the open part. By an offset: MapLibre would keep a padding and add it to that of `fit`. */
  goTo(lon: number, lat: number, zoom: number): void {
    const { top = 0, right = 0, bottom = 0, left = 0 } = this.#padding;
    const nearer = Math.max(this.map.getZoom(), zoom);
    const offset: [number, number] = [(left - right) / 2, (top - bottom) / 2];
    this.#fly(() => this.map.easeTo({ center: [lon, lat], zoom: nearer, offset, duration: FLIGHT_MS }));
  }

  fit(bbox: Bbox): void {
    this.#fly(() => this.map.fitBounds(bbox, { padding: this.#fitPadding, duration: FLIGHT_MS }));
  }

  /** Zooms out until these places are in the open part; does nothing where they are. */
  widen(places: readonly (readonly [number, number])[]): void {
    if (this.map.isMoving()) {
      this.map.once("moveend", () => this.widen(places));
      return;
    }
    if (places.every((place) => this.#shows(place))) return;
    const [lons, lats] = [places.map(([lon]) => lon), places.map(([, lat]) => lat)];
    const { top = 0, right = 0, bottom = 0, left = 0 } = this.#padding;
    const padding = { top: top + EDGE_PX, right: right + EDGE_PX, bottom: bottom + EDGE_PX, left: left + EDGE_PX };
    const bounds: Bbox = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    this.#fly(() => this.map.fitBounds(bounds, { padding, maxZoom: this.map.getZoom(), duration: FLIGHT_MS }));
  }

  /** Whether a place is in the part of the map that no panel covers. */
  #shows([lon, lat]: readonly [number, number]): boolean {
    const { top = 0, right = 0, bottom = 0, left = 0 } = this.#padding;
    const { x, y } = this.map.project([lon, lat]);
    const { clientWidth, clientHeight } = this.map.getContainer();
    return x >= left && y >= top && x <= clientWidth - right && y <= clientHeight - bottom;
  }

  /** Begins a flight, and remembers it until it has ended. */
  #fly(flight: () => void): void {
    flight();
    this.#flight = this.map.isMoving() ? flight : null;
  }

  bbox(): Bbox {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  destroy(): void {
    this.#retries.stop();
    this.#sizes.disconnect();
    this.map.remove();
  }
}
