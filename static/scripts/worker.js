/* Opens the phone's page without a network: the page and what it loads, as they were built together. The build fills in the
 * version and the files. It never touches what the phone keeps unsent. */

const VERSION = "__VERSION__";
const FILES = ["__FILES__"];
const PREFIX = "maplebridge-shell-";
const SHELL = `${PREFIX}${VERSION}`;
const PAGE = new URL("patrol", location.href).href;
const ASSETS = new URL("assets/", location.href).href;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll([PAGE, ...FILES.map((file) => new URL(file, location.href).href)])));
});

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== SHELL).map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => self.clients.claim()));
});

/** A person has pressed for the new version: no page changes under a hand. */
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

/** What the page loads besides, such as parts of the font, is kept when it is first loaded. Names change with content. */
async function asset(request) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) await shell.put(request.url, answer.clone()).catch(() => undefined);
  return answer;
}

async function page(request) {
  const shell = await caches.open(SHELL);
  return (await shell.match(PAGE)) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && request.url.split("?")[0] === PAGE) event.respondWith(page(request));
  else if (request.url.startsWith(ASSETS)) event.respondWith(asset(request));
});
