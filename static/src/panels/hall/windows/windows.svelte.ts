/** The windows of one desk: which panels are out, and in which of them this window is. */

import type { Platform } from "../../../wire/platform";
import { withView, type QueueView } from "../../../live/queueview";
import { PANELS, panelOf, SIZES, type Panel } from "./panels";
import type { Message } from "./shared";

const LOOK_EVERY_MS = 1000;
const CHANNEL = "maplebridge.desk";

export type WindowsParts = { platform: Pick<Platform, "address" | "channel" | "openWindow" | "events" | "location"> };
/** `onLook`: moves this window's map, if it has one. */
export type WindowsOptions = { onMessage: (message: Message) => void; onLook: (lon: number, lat: number) => void; view: () => QueueView };

export class Windows {
  /** The panel that this window is for; null: it is the hall itself. */
  readonly panel: Panel | null;
  readonly #platform: WindowsParts["platform"];
  readonly #options: WindowsOptions;
  readonly #channel: ReturnType<Platform["channel"]>;
  readonly #handles = new Map<Panel, Pick<Window, "closed" | "focus">>();
  #out = $state.raw<ReadonlySet<Panel>>(new Set());
  /** Whether the browser refused to open the last window. */
  blocked = $state(false);

  constructor({ platform }: WindowsParts, options: WindowsOptions) {
    this.#platform = platform;
    this.#options = options;
    this.panel = panelOf(platform.address.params());
    this.#channel = platform.channel(`${CHANNEL}${platform.location.prefix}`, (message) => this.#receive(message as Message));
  }

  /** Announces this window to the others until it is stopped. */
  start(): () => void {
    const leave = () => this.#say("gone");
    this.#say("here");
    this.#platform.events.addEventListener("pagehide", leave);
    const timer = setInterval(() => this.#lookAfter(), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      leave();
      this.#platform.events.removeEventListener("pagehide", leave);
      this.#channel.close();
    };
  }

  post(message: Message): void {
    this.#channel.post(message);
  }

  /** Moves the map to a place, in whichever window it is. */
  look(lon: number, lat: number): void {
    this.#options.onLook(lon, lat);
    this.post({ t: "look", lon, lat });
  }

  /** Whether this window shows a panel. */
  holds(panel: Panel): boolean {
    return this.panel === null ? !this.#out.has(panel) : this.panel === panel;
  }

  mayOpen(panel: Panel): boolean {
    return this.panel === null && !this.#out.has(panel);
  }

  /** Opens a panel in a window of its own; its place in the hall is given up. */
  open(panel: Panel): void {
    const params = withView(new URLSearchParams({ panel }), this.#options.view());
    const [width, height] = SIZES[panel];
    const handle = this.#platform.openWindow(`${this.#platform.location.prefix}/?${params}`, `maplebridge-${panel}`, `popup,width=${width},height=${height}`);
    this.blocked = handle === null;
    if (!handle) return;
    this.#handles.set(panel, handle);
    this.#mark(panel, true);
  }

  /** Closes a panel's window and shows the panel in the hall again. */
  bringBack(panel: Panel): void {
    this.post({ t: "close", panel });
    this.#handles.delete(panel);
    this.#mark(panel, false);
  }

  #receive(message: Message): void {
    const panel = "panel" in message ? PANELS.find((one) => one === message.panel) : undefined;
    if (message.t === "ask") this.#say("here");
    else if (message.t === "here" && panel) this.#mark(panel, true);
    else if (message.t === "gone" && panel) this.#mark(panel, false);
    else if (message.t === "close" && panel === this.panel) window.close();
    if (message.t === "look") this.#options.onLook(message.lon, message.lat);
    this.#options.onMessage(message);
  }

  #say(what: "here" | "gone"): void {
    if (this.panel) this.post({ t: what, panel: this.panel });
  }

  /** A window that was closed by force says nothing. */
  #lookAfter(): void {
    for (const [panel, handle] of this.#handles) {
      if (!handle.closed) continue;
      this.#handles.delete(panel);
      this.#mark(panel, false);
    }
  }

  #mark(panel: Panel, out: boolean): void {
    if (this.#out.has(panel) === out) return;
    const rest = [...this.#out].filter((one) => one !== panel);
    this.#out = new Set(out ? [...rest, panel] : rest);
  }
}
