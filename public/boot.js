// Starts the app, and carries its versions. No screens, no documents: those are the app's.
//
// What the app may use, all on `window.simpul`:
//
//   version            this page's version, a short hash
//   updateReady        true once a newer version waits for consent
//   applyUpdate()      consent: the waiting version takes over, and every tab reloads after it has flushed
//   panic(detail)      the app cannot go on: shows a page that says where the work is, and offers to reload
//
// and as events on `window`:
//
//   simpul-update-ready     a newer version waits (ask `updateReady` too: the event may come before the app)
//   simpul-before-reload    this tab is about to reload. `event.detail.waitUntil(promise)` holds it back until
//                           the promise is fulfilled; if it is rejected, this tab stays as it is and
//   simpul-reload-held      follows: the old version goes on in this tab, its words are not lost
//
// How versions change is told in sw.js.

import init from "/app.js";

const version = document.querySelector('meta[name="simpul-version"]').content;

/** How often a visible page looks for a newer version: it costs one small conditional request. */
const LOOK_EVERY_MS = 60 * 60 * 1000;

/** How long to wait before an installation that was cut goes on; then twice as long each time. */
let goesOnAfterMs = 30 * 1000;
let goesOn;

/** True once the app has stopped for good. */
let stopped = false;
/** True from the moment that this tab prepares to reload. */
let reloading = false;
let registration = null;
let lookedAt = Date.now();

window.simpul = { version, updateReady: false, applyUpdate, panic };

// A trap ends the whole program, even where its own hook did not come to speak.
window.addEventListener("error", (event) => {
  if (event.error instanceof WebAssembly.RuntimeError) panic(String(event.error));
});
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof WebAssembly.RuntimeError) panic(String(event.reason));
});

const workers = navigator.serviceWorker;
// Absent where the page is not served over HTTPS or from this machine. Listened to before anything is awaited, so that
// a version that takes over meanwhile is not missed.
if (workers) listen();

start();

async function start() {
  try {
    await init({ module_or_path: "/app.wasm" });
  } catch (error) {
    panic(String(error));
    return;
  }
  document.getElementById("shell")?.remove();
  // After the first paint of the app: keeping it for offline must not hold up opening it.
  if (!workers) return;
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", lookNow);
  await keepForOffline();
}

// ---- The stopped page ----

function panic(detail) {
  if (stopped) return;
  stopped = true;
  const page = element("main", { className: "stopped", id: "stopped" });
  const card = element("div", { className: "stopped-card", role: "alert" });
  const again = element("button", { type: "button" }, "Muat ulang");
  again.addEventListener("click", () => location.reload());
  const details = element("details", {});
  details.append(element("summary", {}, "Rincian untuk pengembang"), element("pre", {}, `${version}\n${detail}`));
  const english = element(
    "p",
    { className: "stopped-english", lang: "en" },
    "Simpul had to stop. Work that said “On this device” or “On the server” is safe. Reload the page to go on.",
  );
  card.append(
    element("h1", { tabIndex: -1 }, "Simpul berhenti karena kesalahan"),
    element(
      "p",
      {},
      "Pekerjaan yang sudah bertanda “Di perangkat ini” atau “Di server” tetap aman. Muat ulang halaman untuk melanjutkan.",
    ),
    again,
    english,
    details,
  );
  page.append(card);
  document.body.replaceChildren(page);
  card.querySelector("h1").focus();
}

function element(name, properties, words) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made[key] = value;
  if (words !== undefined) made.textContent = words;
  return made;
}

// ---- Versions ----

function listen() {
  workers.addEventListener("message", (event) => {
    if (event.data?.type === "simpul-which-version") event.ports[0]?.postMessage({ version });
  });
  workers.startMessages();
  // The first worker claims the page that installed it; only a change from one worker to another is a new version.
  let controlled = workers.controller !== null;
  workers.addEventListener("controllerchange", () => {
    if (controlled) reload();
    controlled = true;
  });
}

async function keepForOffline() {
  let found;
  try {
    found = await workers.register("/sw.js", { updateViaCache: "none" });
  } catch {
    // No network at the very first visit, or workers are forbidden here: the app works without.
    goOnLater();
    return;
  }
  // While the first installation goes on, it is found again.
  if (found !== registration) watch(found);
  registration = found;
  workers.controller?.postMessage({ type: "simpul-hello" });
}

/** Tells the app as soon as a version waits, however it came to wait. */
function watch(registration) {
  if (registration.waiting) told();
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    let isWhole = false;
    fresh?.addEventListener("statechange", () => {
      // Without an active version before it, the first one does not wait.
      if (fresh.state === "installed" && registration.active) told();
      if (fresh.state === "redundant" && !isWhole) goOnLater();
      isWhole = true;
    });
  });
}

/** An installation that was cut goes on later, or as soon as there is a network again: what came of it is kept. */
function goOnLater() {
  clearTimeout(goesOn);
  goesOn = setTimeout(lookNow, goesOnAfterMs);
  goesOnAfterMs = Math.min(2 * goesOnAfterMs, LOOK_EVERY_MS);
}

function told() {
  window.simpul.updateReady = true;
  window.dispatchEvent(new Event("simpul-update-ready"));
}

function look() {
  if (document.visibilityState === "visible" && Date.now() - lookedAt >= LOOK_EVERY_MS) lookNow();
}

function lookNow() {
  lookedAt = Date.now();
  // Where the first installation was cut, the browser forgot the registration.
  if (!registration?.active) keepForOffline();
  // Offline: the next look will do.
  else registration.update().catch(() => {});
}

function applyUpdate() {
  const waiting = registration?.waiting;
  if (waiting) waiting.postMessage({ type: "simpul-take-over" });
  else reload();
}

/** Lets the app put everything on the device, then reloads into the version that has taken over. */
async function reload() {
  if (reloading) return;
  reloading = true;
  const holds = [];
  const waitUntil = (promise) => holds.push(promise);
  window.dispatchEvent(new CustomEvent("simpul-before-reload", { detail: { waitUntil } }));
  try {
    await Promise.all(holds);
  } catch {
    reloading = false;
    window.dispatchEvent(new Event("simpul-reload-held"));
    return;
  }
  location.reload();
}
