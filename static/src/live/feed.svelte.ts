/** Keeps a scene current: snapshot first, then the feed from where the snapshot stands. */

import type { Applied } from "../wire/apply";
import type { Calls } from "../wire/calls";
import { ApiError } from "../wire/client";
import type { Platform } from "../wire/platform";
import { liveAddress, openSocket, type LiveSocket } from "../wire/socket";
import type { EventsFrame, Frame, Watch } from "../wire/types";
import type { Clock } from "./clock.svelte";
import type { Link } from "./link.svelte";
import type { Pending } from "./pending.svelte";
import type { Scene } from "./scene.svelte";
import type { Session } from "./session.svelte";

/** What a feed works with. An `AppState` has it all. */
export type FeedParts = {
  platform: Pick<Platform, "connect" | "location" | "events">;
  calls: Pick<Calls, "snapshot">;
  clock: Pick<Clock, "learn">;
  link: Link;
  pending: Pick<Pending, "settle" | "clear">;
  session: Pick<Session, "check">;
  scenes: { live: Scene };
};

export type FeedOptions = {
  wall?: boolean;
  onApplied?: (applied: Applied, frame: EventsFrame) => void;
  /** The picture has come anew: what hangs on it and is not in it may be old. */
  onLoaded?: () => void;
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
      onFrame: (frame) => this.#take(frame),
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

  /** The machine itself knows that its cable is out: no need to wait for silence. */
  readonly #cutOff = (): void => {
    this.#parts.link.open = false;
  };

  readonly #again = (): void => this.#socket?.restart();

  /** Looks at other hotspots; the next frame of cells brings them whole. */
  watch(view: Watch): void {
    this.#view = view;
    this.#socket?.say(view);
  }

  #opened(): void {
    this.#parts.link.open = true;
    if (this.#view) this.#socket?.say(this.#view);
  }

  #take(frame: Frame): void {
    this.#parts.link.open = true;
    if (frame.t === "trouble") return void (this.#parts.link.troubles = frame.items);
    this.#parts.link.heardAt = Date.now();
    if (frame.t === "hello") this.#parts.link.troubles = [];
    if (frame.t === "hello" || frame.t === "beat") this.#beat(frame.now);
    else if (frame.t === "events") this.#events(frame);
    else if (frame.t === "fixes") this.#scene.fleet.take(frame);
    else if (frame.t === "hexes") this.#scene.hexes(frame);
    else if (frame.t === "resync") void this.#resync();
  }

  #beat(now: string): void {
    this.#parts.clock.learn(now);
    this.#scene.settle(Date.parse(now));
  }

  #events(frame: EventsFrame): void {
    const applied = this.#scene.apply(frame);
    if (applied === null) return void this.#resync();
    this.#parts.pending.settle(applied);
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

  /** Fetches the snapshot, again and again while the server cannot be reached. */
  async #fetch(): Promise<void> {
    while (!this.#stopped) {
      try {
        const snapshot = await this.#parts.calls.snapshot({ wall: this.#options.wall });
        this.#parts.clock.learn(snapshot.at);
        this.#scene.load(snapshot);
        this.#parts.pending.clear();
        this.#options.onLoaded?.();
        return;
      } catch (problem) {
        if (!(problem instanceof ApiError) || problem.status === 401 || problem.status === 403) throw problem;
        await new Promise((wake) => setTimeout(wake, RETRY_MS));
      }
    }
  }
}
