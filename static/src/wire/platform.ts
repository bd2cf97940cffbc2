/** The browser's interfaces that the page uses. Passed in, so that tests can replace them. */

export type Platform = {
  fetch: typeof fetch;
  /** Opens a WebSocket. */
  connect: (address: string) => WebSocket;
  storage: Pick<Storage, "getItem" | "setItem">;
  location: Pick<Location, "protocol" | "host" | "origin" | "reload">;
  /** Where `resize`, `online` and `offline` are heard. */
  events: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  /** Width and height of the window in CSS pixels. */
  size: () => readonly [number, number];
};

export function browserPlatform(): Platform {
  return {
    fetch: (input, init) => fetch(input, init),
    connect: (address) => new WebSocket(address),
    storage: localStorage,
    location,
    events: window,
    size: () => [innerWidth, innerHeight],
  };
}
