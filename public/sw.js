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
// What is not whole. While an update is rolled out, two versions may answer at one address; an update may be cut; and
// a browser may drop a file. A page of another version is never kept nor shown from here: it is asked for again. A file
// that is lost is fetched again; where the relay has it no more, the next load takes the version that it has now. An
// update that was cut leaves the old version as it was, and goes on with what it has, also after the app was started
// again. Only where a page is lost and the relay does not give it, the person is told.
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
//      {type: "simpul-hello"}, which is when this is looked at again. What came of an update that was cut stays until
//      another update begins or a version follows.
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

/** What a page of this version says. */
const MARK = `content="${VERSION}"`;
/** How long to wait before each time that the page is asked for, while another version answers. */
const ASK_AFTER_MS = [0, 1000, 3000];
/** Files that keep their name must be those of now, not what the HTTP cache remembers. */
const FROM_THE_RELAY = { cache: "reload", credentials: "same-origin" };

/** Shown where the page is lost and cannot be had. */
const INCOMPLETE = `<!doctype html>
<html lang="id">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Simpul</title>
  <h1>Aplikasi di perangkat ini tidak lengkap</h1>
  <p>Pekerjaan Anda di perangkat ini tetap aman. Pastikan perangkat tersambung ke jaringan, lalu muat ulang halaman ini beberapa saat lagi.</p>
  <p lang="en">The app on this device is incomplete. Your work on this device is safe. Make sure that the device is connected to the network, then reload this page in a while.</p>
</html>`;

/** How long a tab may take to say its version before it counts as frozen. */
const ANSWER_WITHIN_MS = 2000;

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

async function install() {
  const cache = await caches.open(CACHE);
  const isProgram = (url) => url.endsWith(".wasm");
  const files = PRECACHE.filter((url) => url !== "/" && !isProgram(url));
  const [page] = await Promise.all([ownPage(), ...files.map((url) => keep(cache, url))]);
  // Most of the bytes, and alone: on a link that is cut they took the others with them, again and again.
  await Promise.all(PRECACHE.filter(isProgram).map((url) => keep(cache, url)));
  // Last: a cache that holds its page is whole.
  await cache.put("/", page);
  if (!ASKS_CONSENT) await self.skipWaiting();
}

async function keep(cache, url) {
  const hashed = url.startsWith("/assets/");
  const known = hashed ? await caches.match(url, MATCH) : undefined;
  if (known) return cache.put(url, known);
  const response = await fetch(url, hashed ? { credentials: "same-origin" } : FROM_THE_RELAY);
  if (!mayBeKept(response)) throw new Error(`${url} answered ${response.status}`);
  return cache.put(url, response);
}

/** Whether an answer is what was asked for: not an error, nor another address's, such as a network's sign-in page. */
function mayBeKept(response) {
  return response.ok && !response.redirected;
}

/** This version's page from the relay; where another version's comes, the next answer may be of one that has it. */
async function ownPage() {
  for (const wait of ASK_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const page = await fetch("/", FROM_THE_RELAY);
    if (mayBeKept(page) && (await isOwn(page))) return page;
  }
  throw new Error(`the page at / is not of version ${VERSION}`);
}

async function isOwn(page) {
  return (await page.clone().text()).includes(MARK);
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
  if (request.mode === "navigate") event.respondWith(page());
  else if (KEPT.has(url.pathname) || url.pathname.startsWith("/assets/")) event.respondWith(file(request, url));
});

/** Whether a path belongs to the relay, not to the app. */
function isRelays(path) {
  return path.startsWith("/api/") || path === "/healthz" || path === "/readyz" || path === "/metrics";
}

async function page() {
  const cache = await caches.open(CACHE);
  const kept = await cache.match("/", MATCH);
  if (kept && (await isOwn(kept))) return kept;
  const page = await fetch("/", FROM_THE_RELAY).catch(() => Response.error());
  if (!mayBeKept(page)) {
    return new Response(INCOMPLETE, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
  }
  if (await isOwn(page)) await cache.put("/", page.clone());
  // Else another version is there by now. Its page finds its files at the relay until its worker takes over.
  else self.registration.update().catch(() => {});
  return page;
}

async function file(request, url) {
  const cache = await caches.open(CACHE);
  const kept = (await cache.match(url.pathname, MATCH)) ?? (await caches.match(url.pathname, MATCH));
  if (kept) return kept;
  const response = await fetch(request);
  if (KEPT.has(url.pathname) && url.pathname.startsWith("/assets/")) {
    if (mayBeKept(response)) await cache.put(url.pathname, response.clone());
    // This version cannot be made whole any more: the next load begins with the page that the relay has.
    else if (response.status === 404) await cache.delete("/");
  }
  return response;
}

/** Removes the caches of older versions, once nothing needs them. */
async function sweep() {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const versions = await Promise.all(tabs.map(versionOf));
  if (versions.some((version) => version !== VERSION)) return;
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const spared = [CACHE, await partOfNext(names)];
  // Asked last: an update may have begun meanwhile.
  if (self.registration.waiting || self.registration.installing) return;
  await Promise.all(names.filter((name) => !spared.includes(name)).map((name) => caches.delete(name)));
}

/**
 * The cache of the update that was cut last, which its next try goes on with. Names come in the order in which their
 * caches were made: what lies before this version's is of older ones.
 */
async function partOfNext(names) {
  const last = names.at(-1);
  if (!last || last === CACHE) return undefined;
  const isWhole = await (await caches.open(last)).match("/", MATCH);
  return isWhole ? undefined : last;
}

function versionOf(tab) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data?.version);
    setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
    tab.postMessage({ type: "simpul-which-version" }, [port2]);
  });
}
