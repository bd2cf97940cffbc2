/** The live WebSocket: opens, resumes from the state's position, reconnects without end. */

import { reconnectDelay, STALE_AFTER_MS } from "./link";
import type { Place } from "./platform";
import type { Frame, Watch } from "./types";

export type SocketHooks = {
  /** Opens a WebSocket. */
  connect: (address: string) => WebSocket;
  /** The address for the next attempt: it carries the position to resume from. */
  address: () => string;
  onFrame: (frame: Frame) => void;
  onOpen: () => void;
  onClose: () => void;
  /** The socket was refused before it opened: perhaps the session has ended. */
  onRefused: () => void;
};

/** `WebSocket.OPEN`. */
const OPEN = 1;

export type LiveSocket = { send: (message: Watch) => void; restart: () => void; stop: () => void };

/** Opens the socket and keeps it open. Replaces one that is silent at once: closing a dead connection waits a minute for
 * the other end in some browsers, so the old socket is forgotten rather than waited for.
 */
export function openSocket(hooks: SocketHooks): LiveSocket {
  let socket: WebSocket | null = null;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let silenceTimer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let stopped = false;

  function restartSilenceTimer(): void {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(replaceSilent, STALE_AFTER_MS);
  }

  function replaceSilent(): void {
    drop();
    hooks.onClose();
    scheduleReconnect();
  }

  function scheduleReconnect(): void {
    clearTimeout(retryTimer);
    if (!stopped) retryTimer = setTimeout(connect, reconnectDelay(attempt++, Math.random()));
  }

  function connect(): void {
    const opening = hooks.connect(hooks.address());
    let opened = false;
    socket = opening;
    restartSilenceTimer();
    opening.onopen = () => {
      if (opening !== socket) return;
      opened = true;
      hooks.onOpen();
    };
    opening.onmessage = (message: MessageEvent<string>) => {
      if (opening !== socket) return;
      attempt = 0;
      restartSilenceTimer();
      hooks.onFrame(JSON.parse(message.data) as Frame);
    };
    opening.onclose = () => {
      if (opening !== socket) return;
      clearTimeout(silenceTimer);
      hooks.onClose();
      if (!opened) hooks.onRefused();
      scheduleReconnect();
    };
  }

  function drop(): void {
    clearTimeout(retryTimer);
    clearTimeout(silenceTimer);
    const old = socket;
    socket = null;
    old?.close();
  }

  connect();
  return {
    send: (message) => {
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
export function liveAddress(place: Pick<Place, "protocol" | "host" | "prefix">, query: { since: string; scope?: string | undefined; wall?: boolean | undefined }): string {
  const search = new URLSearchParams({ since: query.since });
  if (query.scope) search.set("scope", query.scope);
  if (query.wall) search.set("wall", "true");
  return `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}${place.prefix}/api/live?${search}`;
}
