// The service worker: keeps one whole version of the app on the device, and serves it with or without a network.
//
// What it holds. One cache per version, filled with every file of that version before the version counts as
// installed. Hashed files are taken over from an older cache where they are the same, so that an update costs only
// what changed.
//
// What it answers. Files of its version, from its cache; any page address, with the version's own page, so that a
// reload works offline on every route; files of an older version, as long as a tab still runs it. It never touches
// /api, /healthz, /readyz, other origins, or anything but GET.
//
// How a version follows another.
//
//   1. The browser finds a changed sw.js, installs it, and it WAITS; the old version serves every tab meanwhile.
//   2. Each page hears of it (boot.js, `simpul-update-ready`) and the app asks the person.
//   3. Consent in one tab: the page posts {type: "simpul-take-over"} to the waiting worker, which calls skipWaiting
//      and, once active, claims every tab.
//   4. Each tab hears `controllerchange`, flushes its open edits to the device, and reloads. A tab that cannot flush
//      does not reload, and goes on with the old version.
//   5. Old caches go only when every tab answers {type: "simpul-which-version"} with this version and no newer one
//      waits. A tab that does not answer (a phone freezes hidden ones) keeps them. Each page that starts posts
//      {type: "simpul-hello"}, which is when this is looked at again.
//
// A first installation has no tab to disturb, and does not wait.

const VERSION = "__VERSION__";
/** The addresses of this version's files; "/" is the page. */
const PRECACHE = "__PRECACHE__";
/** False in development builds: a new version takes over by itself. */
const ASKS_CONSENT = "__CONSENT__";

const PREFIX = "simpul-";
const CACHE = PREFIX + VERSION;
const KEPT = new Set(PRECACHE);
/** A file is known by its address alone: how it was asked for and packed does not matter. */
const MATCH = { ignoreVary: true, ignoreSearch: true };

/** How long a tab may take to say its version before it counts as frozen. */
const ANSWER_WITHIN_MS = 2000;

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(PRECACHE.map((url) => keep(cache, url)));
  if (!ASKS_CONSENT) await self.skipWaiting();
}

async function keep(cache, url) {
  const hashed = url.startsWith("/assets/");
  const known = hashed ? await caches.match(url, MATCH) : undefined;
  if (known) return cache.put(url, known);
  // Files that keep their name must be this version's, not what the HTTP cache remembers.
  const response = await fetch(url, { cache: hashed ? "default" : "reload", credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(`${url} answered ${response.status}`);
  return cache.put(url, response);
}

self.addEventListener("activate", (event) => {
  // Tabs that were open before the first installation can then go offline too. Nothing else: the browser holds every
  // fetch back until this has ended, and `sweep` waits for tabs that may be frozen.
  event.waitUntil(self.clients.claim());
});

self.addEventListener("message", (event) => {
  if (event.data?.type === "simpul-take-over") event.waitUntil(self.skipWaiting());
  if (event.data?.type === "simpul-hello") event.waitUntil(sweep());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || isRelays(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (KEPT.has(url.pathname) || url.pathname.startsWith("/assets/")) event.respondWith(file(request, url));
});

/** Whether a path belongs to the relay, not to the app. */
function isRelays(path) {
  return path.startsWith("/api/") || path === "/healthz" || path === "/readyz" || path === "/metrics";
}

async function page(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match("/", MATCH)) ?? fetch(request);
}

async function file(request, url) {
  const cache = await caches.open(CACHE);
  return (await cache.match(url.pathname, MATCH)) ?? (await caches.match(url.pathname, MATCH)) ?? fetch(request);
}

/** Removes the caches of older versions, once nothing needs them. */
async function sweep() {
  if (self.registration.waiting || self.registration.installing) return;
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const versions = await Promise.all(tabs.map(versionOf));
  if (versions.some((version) => version !== VERSION)) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

function versionOf(tab) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data?.version);
    setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
    tab.postMessage({ type: "simpul-which-version" }, [port2]);
  });
}
