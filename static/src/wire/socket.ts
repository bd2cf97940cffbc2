/** The live socket: opens, resumes where the state stands, and never gives up. */

import { reconnectDelay, STALE_AFTER_MS } from "./link";
import type { Frame, Watch } from "./types";

export type SocketHooks = {
  /** Opens a WebSocket. */
  connect: (address: string) => WebSocket;
  /** The address to open now; asked at every attempt, since it carries the position to resume from. */
  address: () => string;
  onFrame: (frame: Frame) => void;
  onOpen: () => void;
  onClose: () => void;
  /** The socket was refused before it opened: perhaps the session has ended. */
  onRefused: () => void;
};

/** `WebSocket.OPEN`. */
const OPEN = 1;

export type LiveSocket = { say: (message: Watch) => void; restart: () => void; stop: () => void };

/** Opens the socket and keeps it open. A silent one is closed and opened anew. */
export function openSocket(hooks: SocketHooks): LiveSocket {
  let socket: WebSocket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let stopped = false;

  function heard(): void {
    clearTimeout(silence);
    silence = setTimeout(() => socket?.close(), STALE_AFTER_MS);
  }

  function again(): void {
    clearTimeout(retry);
    if (!stopped) retry = setTimeout(connect, reconnectDelay(attempt++, Math.random()));
  }

  function connect(): void {
    const opening = hooks.connect(hooks.address());
    let opened = false;
    socket = opening;
    heard();
    opening.onopen = () => {
      opened = true;
      hooks.onOpen();
    };
    opening.onmessage = (message: MessageEvent<string>) => {
      if (opening !== socket) return;
      attempt = 0;
      heard();
      hooks.onFrame(JSON.parse(message.data) as Frame);
    };
    opening.onclose = () => {
      if (opening !== socket) return;
      clearTimeout(silence);
      hooks.onClose();
      if (!opened) hooks.onRefused();
      again();
    };
  }

  function drop(): void {
    clearTimeout(retry);
    clearTimeout(silence);
    const old = socket;
    socket = null;
    old?.close();
  }

  connect();
  return {
    say: (message) => {
      if (socket?.readyState === OPEN) socket.send(JSON.stringify(message));
    },
    restart: () => {
      drop();
      if (!stopped) connect();
    },
    stop: () => {
      stopped = true;
      drop();
    },
  };
}

/** The address of the live feed on the page's own server. */
export function liveAddress(place: Pick<Location, "protocol" | "host">, query: { since: string; scope?: string | undefined; wall?: boolean | undefined }): string {
  const search = new URLSearchParams({ since: query.since });
  if (query.scope) search.set("scope", query.scope);
  if (query.wall) search.set("wall", "true");
  return `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}/api/live?${search}`;
}
