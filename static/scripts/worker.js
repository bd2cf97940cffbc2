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

/* Notices by Web Push. A locked screen shows that there is a task, and no more. */

const NOTICES = {
  zh: { title: "枫桥", sent: "有一条新任务，请打开枫桥查看", recalled: "一条任务已召回，请打开枫桥查看", test: "测试通知：本机可以收到通知" },
  en: { title: "Maplebridge", sent: "A new task: open Maplebridge", recalled: "A task was recalled: open Maplebridge", test: "Test notice: this phone shows notices" },
};

function saidBy(event) {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {};
  }
}

/** Shows a notice for every push, whatever the page does: browsers end a subscription that shows none. Then says that it
 * was shown, which proves this phone. A recall takes the place of its task's notice. */
async function show(said) {
  const words = NOTICES[said.language] ?? NOTICES.zh;
  const tag = said.task === undefined ? "test" : `task-${said.task}`;
  await self.registration.showNotification(words.title, { body: words[said.about] ?? words.sent, tag, renotify: true, lang: said.language === "en" ? "en" : "zh-CN", vibrate: [200, 100, 200] });
  if (said.token !== undefined) await call("POST", "api/push/proofs", { token: said.token }).catch(() => undefined);
  for (const page of await pages()) page.postMessage("notice shown");
}

const call = (method, path, body) =>
  fetch(new URL(path, location.href), { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const pages = async () => (await self.clients.matchAll({ type: "window", includeUncontrolled: true })).filter(({ url }) => url.split(/[?#]/)[0] === PAGE);

async function open() {
  const [page] = await pages();
  await (page ? page.focus() : self.clients.openWindow(PAGE));
}

/** The browser has given the phone another address: the server has to know it. */
async function subscribeAgain({ oldSubscription, newSubscription }) {
  const key = oldSubscription?.options.applicationServerKey;
  const made = newSubscription ?? (key ? await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }) : null);
  if (!made) return;
  const { endpoint, keys } = made.toJSON();
  await call("PUT", "api/push", { endpoint, keys, language: navigator.language.startsWith("en") ? "en" : "zh" }).catch(() => undefined);
}

self.addEventListener("push", (event) => event.waitUntil(show(saidBy(event))));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain(event)));
