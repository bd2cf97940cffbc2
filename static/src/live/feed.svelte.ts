/** Keeps the live scene current: a snapshot first, then the feed from the snapshot's position. */

import type { Applied } from "../wire/apply";
import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Platform } from "../wire/platform";
import { liveAddress, openSocket, type LiveSocket } from "../wire/socket";
import type { EventsFrame, Frame, Snapshot, Watch } from "../wire/types";
import type { Clock } from "./clock.svelte";
import type { Link } from "./link.svelte";
import type { Pending } from "./pending.svelte";
import type { Scene } from "./scene.svelte";
import type { Session } from "./session.svelte";

/** The parts of an `AppState` that a feed uses. */
export type FeedParts = {
  platform: Pick<Platform, "connect" | "location" | "events">;
  calls: Pick<Calls, "snapshot">;
  clock: Pick<Clock, "sync">;
  link: Link;
  pending: Pick<Pending, "confirm" | "clear">;
  session: Pick<Session, "check" | "followLines" | "followMaps">;
  scenes: { live: Scene };
};

export type FeedOptions = {
  wall?: boolean;
  onApplied?: (applied: Applied, frame: EventsFrame) => void;
  /** A snapshot was loaded: data fetched beside it may be old. */
  onLoaded?: (snapshot: Snapshot) => void;
  /** Roads were closed or opened, says a beat: for phones, whose feed has no closures. */
  onRoads?: () => void;
};

const RETRY_MS = 3000;

export class Feed {
  readonly #parts: FeedParts;
  readonly #scene: Scene;
  readonly #options: FeedOptions;
  #socket: LiveSocket | null = null;
  #view: Watch | null = null;
  #loading: Promise<void> | null = null;
  #stopped = false;
  #roads = "";

  constructor(parts: FeedParts, options: FeedOptions = {}) {
    this.#parts = parts;
    this.#scene = parts.scenes.live;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#load();
    if (this.#stopped) return;
    const { connect, events, location } = this.#parts.platform;
    events.addEventListener("offline", this.#cutOff);
    events.addEventListener("online", this.#again);
    this.#socket = openSocket({
      connect,
      address: () => liveAddress(location, { since: this.#scene.position, wall: this.#options.wall }),
      onFrame: (frame) => this.#receive(frame),
      onOpen: () => this.#opened(),
      onClose: () => (this.#parts.link.open = false),
      onRefused: () => void this.#parts.session.check(),
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.stop();
    this.#parts.link.open = false;
    const { events } = this.#parts.platform;
    events.removeEventListener("offline", this.#cutOff);
    events.removeEventListener("online", this.#again);
  }

  /** The machine is offline: do not wait for silence. */
  readonly #cutOff = (): void => {
    this.#parts.link.open = false;
  };

  readonly #again = (): void => this.#socket?.restart();

  /** Subscribes to another hotspot view; the next frame of cells is a full one. */
  watch(view: Watch): void {
    this.#view = view;
    this.#socket?.send(view);
  }

  #opened(): void {
    this.#parts.link.open = true;
    if (this.#view) this.#socket?.send(this.#view);
  }

  #receive(frame: Frame): void {
    this.#parts.link.open = true;
    if (frame.t === "trouble") return void (this.#parts.link.troubles = frame.items);
    this.#parts.link.lastMessageAt = Date.now();
    if (frame.t === "hello") this.#parts.link.troubles = [];
    if (frame.t === "beat" && frame.lines) void this.#parts.session.followLines(frame.lines);
    if (frame.t === "beat" && frame.maps !== undefined) void this.#parts.session.followMaps(frame.maps);
    if (frame.t === "beat" && (frame.closures ?? "") !== this.#roads) {
      this.#roads = frame.closures ?? "";
      this.#options.onRoads?.();
    }
    if (frame.t === "hello" || frame.t === "beat") this.#beat(frame.now);
    else if (frame.t === "events") this.#events(frame);
    else if (frame.t === "fixes") this.#scene.fleet.update(frame);
    else if (frame.t === "hexes") this.#scene.hexes(frame);
    else if (frame.t === "resync") void this.#resync();
  }

  #beat(now: string): void {
    this.#parts.clock.sync(now);
    this.#scene.prune(Date.parse(now));
  }

  #events(frame: EventsFrame): void {
    const applied = this.#scene.apply(frame);
    if (applied === null) return void this.#resync();
    this.#parts.pending.confirm(applied);
    this.#options.onApplied?.(applied, frame);
  }

  async #resync(): Promise<void> {
    if (this.#loading) return;
    await this.#load();
    if (!this.#stopped) this.#socket?.restart();
  }

  async #load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => (this.#loading = null));
    await this.#loading;
  }

  /** Fetches the snapshot, retrying while the server is unreachable. */
  async #fetch(): Promise<void> {
    while (!this.#stopped) {
      try {
        const snapshot = await this.#parts.calls.snapshot({ wall: this.#options.wall });
        this.#parts.clock.sync(snapshot.at);
        this.#scene.load(snapshot);
        this.#parts.pending.clear();
        this.#options.onLoaded?.(snapshot);
        return;
      } catch (problem) {
        if (!(problem instanceof ApiError) || problem.status === 401 || problem.status === 403) throw problem;
        await new Promise((wake) => setTimeout(wake, RETRY_MS));
      }
    }
  }
}
