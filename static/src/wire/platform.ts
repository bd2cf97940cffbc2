/** The browser's interfaces that the page uses. Passed in, so that tests can replace them. */

import type { ServerFile } from "./files";

/** Where the page is, and the path prefix of its server: "" or like `/maple`. */
export type Place = Pick<Location, "protocol" | "host" | "origin" | "reload"> & { prefix: string };

/** The parameters of the page's address, and what the tab keeps with it over a reload; a change of either loads nothing. */
export type Address = {
  params: () => URLSearchParams;
  replace: (params: URLSearchParams) => void;
  kept: () => unknown;
  keep: (value: unknown) => void;
};

/** Messages between the windows of one browser. */
export type Channel<Message = unknown> = { post: (message: Message) => void; close: () => void };

/** Hands files over to the browser. */
export type Files = {
  save: (file: ServerFile) => void;
  /** Opens a window with the file; false where the browser refuses to. */
  show: (file: ServerFile) => boolean;
};

/** The desktop's notifications, and whether the page is out of sight. */
export type Notifications = {
  permission: () => "unsupported" | NotificationPermission;
  ask: () => Promise<"unsupported" | NotificationPermission>;
  show: (text: string) => void;
  hidden: () => boolean;
};

export type Platform = {
  fetch: typeof fetch;
  /** Opens a WebSocket. */
  connect: (address: string) => WebSocket;
  storage: Pick<Storage, "getItem" | "setItem">;
  /** Whether the browser has a database for what is kept on this device. */
  keeps: boolean;
  location: Place;
  address: Address;
  channel: (name: string, onMessage: (message: unknown) => void) => Channel;
  /** Null where the browser refuses to open one. */
  openWindow: (address: string, name: string, features: string) => Pick<Window, "closed" | "focus"> | null;
  files: Files;
  /** Keeps the screen on until it is released: by the page, or by the browser, which then calls `onEnd`. Resolves to null
   * where it is refused. Null where the browser cannot.
   */
  keepAwake: ((onEnd: () => void) => Promise<(() => void) | null>) | null;
  /** Null where the browser makes no sound. */
  audio: () => AudioContext | null;
  notifications: Notifications;
  /** Vibrates for these milliseconds, and rests for those between them; nothing where the device cannot. */
  vibrate: (pattern: number[]) => void;
  /** Where `resize`, `online` and `offline` are heard. */
  events: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  /** Width and height of the window in CSS pixels. */
  size: () => readonly [number, number];
  /** Whether the system is set to a light theme, and when that changes. */
  prefersLight: { readonly matches: boolean } & Pick<EventTarget, "addEventListener">;
};

/** The path prefix that the server wrote into the page. */
export function prefixOf(page: Pick<Document, "querySelector">): string {
  return page.querySelector<HTMLMetaElement>('meta[name="path-prefix"]')?.content ?? "";
}

function replaceParams(params: URLSearchParams): void {
  const search = String(params);
  history.replaceState(history.state, "", `${location.pathname}${search && `?${search}`}${location.hash}`);
}

function openChannel(name: string, onMessage: (message: unknown) => void): Channel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => onMessage(data);
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

/** Browsers have notifications only for pages that came by https, or from the machine itself. */
function browserNotifications(): Notifications {
  const { Notification } = globalThis as { Notification?: typeof globalThis.Notification };
  return {
    permission: () => Notification?.permission ?? "unsupported",
    ask: async () => (Notification ? Notification.requestPermission() : "unsupported"),
    show: (text) => {
      if (Notification) new Notification(text, { tag: "maplebridge" }).onclick = () => window.focus();
    },
    hidden: () => document.hidden,
  };
}

/** A browser has begun to read a file long before. */
const READ_WITHIN_MS = 60_000;

function addressOf({ blob }: ServerFile): string {
  const address = URL.createObjectURL(blob);
  setTimeout(() => URL.revokeObjectURL(address), READ_WITHIN_MS);
  return address;
}

function saveFile(file: ServerFile): void {
  Object.assign(document.createElement("a"), { href: addressOf(file), download: file.name }).click();
}

async function keepAwake(onEnd: () => void): Promise<(() => void) | null> {
  try {
    const lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", onEnd);
    return () => void lock.release();
  } catch (refusal) {
    if (refusal instanceof DOMException) return null;
    throw refusal;
  }
}

export function browserPlatform(): Platform {
  const prefix = prefixOf(document);
  return {
    fetch: (input, init) => fetch(typeof input === "string" ? `${prefix}${input}` : input, init),
    connect: (address) => new WebSocket(address),
    storage: localStorage,
    keeps: "indexedDB" in globalThis,
    location: { protocol: location.protocol, host: location.host, origin: location.origin, prefix, reload: () => location.reload() },
    address: {
      params: () => new URLSearchParams(location.search),
      replace: replaceParams,
      kept: () => history.state as unknown,
      keep: (value) => history.replaceState(value, ""),
    },
    channel: openChannel,
    openWindow: (address, name, features) => window.open(address, name, features),
    files: { save: saveFile, show: (file) => window.open(addressOf(file), "_blank") !== null },
    keepAwake: "wakeLock" in navigator ? keepAwake : null,
    audio: () => ("AudioContext" in globalThis ? new AudioContext() : null),
    vibrate: (pattern) => {
      // Safari has no such function; Chromium refuses it, with an error in the log, until the page has been touched.
      if ("vibrate" in navigator && navigator.userActivation?.hasBeenActive) navigator.vibrate(pattern);
    },
    notifications: browserNotifications(),
    events: window,
    size: () => [innerWidth, innerHeight],
    prefersLight: matchMedia("(prefers-color-scheme: light)"),
  };
}
