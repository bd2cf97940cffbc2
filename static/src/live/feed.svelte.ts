/** Keeps a scene current: snapshot first, then the feed from where the snapshot stands. */

import type { Key } from "../i18n/zh";
import * as calls from "../wire/calls";
import { ApiError } from "../wire/client";
import { isNotLive, linkState, type LinkState } from "../wire/link";
import { liveAddress, openSocket, type LiveSocket } from "../wire/socket";
import type { EventsFrame, Frame, Trouble, Watch } from "../wire/types";
import type { Applied } from "../wire/apply";
import { clock } from "./clock.svelte";
import { pending } from "./pending.svelte";
import type { Scene } from "./scene.svelte";
import { session } from "./session.svelte";

export type FeedOptions = {
  wall?: boolean;
  onApplied?: (applied: Applied, frame: EventsFrame) => void;
  /** The picture has come anew: what hangs on it and is not in it may be old. */
  onLoaded?: () => void;
};

const RETRY_MS = 3000;

/** The link to the server, as the hall shows it. */
class Link {
  open = $state(false);
  /** Epoch milliseconds, by the desk's own clock: silence is measured where it is heard. */
  heardAt = $state<number | null>(null);
  /** What the server says is wrong with it. */
  troubles = $state.raw<Trouble[]>([]);

  get silentFor(): number | null {
    void clock.now;
    return this.heardAt === null ? null : Math.max(0, Date.now() - this.heardAt);
  }

  get state(): LinkState {
    void clock.now;
    return linkState(this.open, this.heardAt, Date.now(), this.troubles);
  }

  /** Heard, but of no use: the server itself says that it does not know what is new. */
  get behind(): boolean {
    return this.state === "stale" && this.troubles.some(isNotLive);
  }

  get label(): Key {
    return this.behind ? "link.behind" : `link.${this.state}`;
  }
}

export const link = new Link();

export class Feed {
  readonly #scene: Scene;
  readonly #options: FeedOptions;
  #socket: LiveSocket | null = null;
  #view: Watch | null = null;
  #loading: Promise<void> | null = null;
  #stopped = false;

  constructor(scene: Scene, options: FeedOptions = {}) {
    this.#scene = scene;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#load();
    if (this.#stopped) return;
    addEventListener("offline", this.#cutOff);
    addEventListener("online", this.#again);
    this.#socket = openSocket({
      address: () => liveAddress(location, { since: this.#scene.position, wall: this.#options.wall }),
      onFrame: (frame) => this.#take(frame),
      onOpen: () => this.#opened(),
      onClose: () => (link.open = false),
      onRefused: () => void session.check(),
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.stop();
    link.open = false;
    removeEventListener("offline", this.#cutOff);
    removeEventListener("online", this.#again);
  }

  /** The machine itself knows that its cable is out: no need to wait for silence. */
  readonly #cutOff = (): void => {
    link.open = false;
  };

  readonly #again = (): void => this.#socket?.restart();

  /** Looks at other hotspots; the next frame of cells brings them whole. */
  watch(view: Watch): void {
    this.#view = view;
    this.#socket?.say(view);
  }

  #opened(): void {
    link.open = true;
    if (this.#view) this.#socket?.say(this.#view);
  }

  #take(frame: Frame): void {
    link.open = true;
    if (frame.t === "trouble") return void (link.troubles = frame.items);
    link.heardAt = Date.now();
    if (frame.t === "hello") link.troubles = [];
    if (frame.t === "hello" || frame.t === "beat") this.#beat(frame.now);
    else if (frame.t === "events") this.#events(frame);
    else if (frame.t === "fixes") this.#scene.fleet.take(frame);
    else if (frame.t === "hexes") this.#scene.hexes(frame);
    else if (frame.t === "resync") void this.#resync();
  }

  #beat(now: string): void {
    clock.learn(now);
    this.#scene.settle(Date.parse(now));
  }

  #events(frame: EventsFrame): void {
    const applied = this.#scene.apply(frame);
    if (applied === null) return void this.#resync();
    pending.settle(applied);
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
        const snapshot = await calls.snapshot({ wall: this.#options.wall });
        clock.learn(snapshot.at);
        this.#scene.load(snapshot);
        pending.clear();
        this.#options.onLoaded?.();
        return;
      } catch (problem) {
        if (!(problem instanceof ApiError) || problem.status === 401 || problem.status === 403) throw problem;
        await new Promise((wake) => setTimeout(wake, RETRY_MS));
      }
    }
  }
}
