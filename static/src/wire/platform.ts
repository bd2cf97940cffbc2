/** The browser's interfaces that the page uses. Passed in, so that tests can replace them. */

/** Where the page is, and the path prefix of its server: "" or like `/maple`. */
export type Place = Pick<Location, "protocol" | "host" | "origin" | "reload"> & { prefix: string };

/** The parameters of the page's address; a change of them loads nothing. */
export type Address = { params: () => URLSearchParams; replace: (params: URLSearchParams) => void };

export type Platform = {
  fetch: typeof fetch;
  /** Opens a WebSocket. */
  connect: (address: string) => WebSocket;
  storage: Pick<Storage, "getItem" | "setItem">;
  location: Place;
  address: Address;
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

export function browserPlatform(): Platform {
  const prefix = prefixOf(document);
  return {
    fetch: (input, init) => fetch(typeof input === "string" ? `${prefix}${input}` : input, init),
    connect: (address) => new WebSocket(address),
    storage: localStorage,
    location: { protocol: location.protocol, host: location.host, origin: location.origin, prefix, reload: () => location.reload() },
    address: { params: () => new URLSearchParams(location.search), replace: replaceParams },
    events: window,
    size: () => [innerWidth, innerHeight],
    prefersLight: matchMedia("(prefers-color-scheme: light)"),
  };
}
