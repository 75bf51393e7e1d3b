// A new version of the app waits until a person agrees, and costs nobody a word; what is not whole is mended.

import fs from "node:fs";
import path from "node:path";
import { keptForOffline } from "../world/device.js";
import { Proxy, links } from "../world/proxy.js";
import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { sites } from "../world/relay.js";
import { expect, test } from "../world/test.js";

const version = (page) => page.locator('meta[name="simpul-version"]').getAttribute("content");
const consent = (page) => page.getByRole("button", { name: "Perbarui sekarang" });

/** Looks for a newer version; resolves to how its worker ends: `installed`, or `redundant` where it cannot be had. */
const update = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const found = new Promise((resolve) => registration.addEventListener("updatefound", resolve, { once: true }));
    registration.update().catch(() => {});
    await found;
    const fresh = registration.installing;
    return new Promise((resolve) => fresh.addEventListener("statechange", () => resolve(fresh.state), { once: true }));
  });

/** Names of all files in the caches. */
const kept = (page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const files = names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname));
    return (await Promise.all(files)).flat();
  });

/** A copy of a site, changed. */
function siteOf(world, name, from, change) {
  const folder = path.join(world.relay.folder, name);
  fs.cpSync(from, folder, { recursive: true });
  change(folder);
  return folder;
}

/** Gives every hashed file another name, so that an update takes nothing over from the version before. */
function renameAssets(folder) {
  const assets = path.join(folder, "assets");
  const names = fs.readdirSync(assets).filter((name) => !/\.(br|gz)$/.test(name));
  const renamed = (text) => names.reduce((text, name) => text.replaceAll(name, `x${name}`), text);
  const roots = ["index.html", "sw.js", "manifest.webmanifest"].map((name) => path.join(folder, name));
  for (const file of [...names.map((name) => path.join(assets, name)), ...roots]) {
    if (/\.(js|css|html|webmanifest)$/.test(file)) fs.writeFileSync(file, renamed(fs.readFileSync(file, "utf8")));
    // What lies packed beside it is of before.
    for (const packed of [`${file}.br`, `${file}.gz`]) fs.rmSync(packed, { force: true });
  }
  for (const name of names) fs.renameSync(path.join(assets, name), path.join(assets, `x${name}`));
}

test("a new version waits for consent in one tab, then all tabs run it and the open edit is kept", async ({ world }) => {
  const { device, page: one } = await world.signedIn("writer");
  await begin(one, "Laporan baru");
  await expectSafety(one, "Di server");
  const two = await device.tab("/");
  const old = await version(one);

  world.relay.serve(sites.next);
  await one.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await expect(consent(one)).toBeVisible();
  await expect(consent(two)).toBeVisible();

  // Without consent a reload changes nothing.
  await two.reload();
  expect(await version(two)).toBe(old);
  await expect(consent(two)).toBeVisible();

  // The words are typed right before consent: no pause has made a change of them yet.
  await one.bringToFront();
  await writeOn(one, "Penutup", "Belum sempat disimpan");
  const reloaded = [one, two].map((tab) => tab.waitForEvent("load"));
  await consent(one).click();
  await Promise.all(reloaded);

  for (const tab of [one, two]) await expect.poll(() => version(tab)).not.toBe(old);
  await expect(field(one, "Penutup")).toHaveValue("Belum sempat disimpan");
  await expectSafety(one, "Di server");
});

test("the old version's files stay until no tab runs it", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  const caches = () => page.evaluate(async () => (await caches.keys()).length);
  expect(await caches()).toBe(1);
  world.relay.serve(sites.next);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await expect(page.getByRole("button", { name: "Perbarui sekarang" })).toBeVisible();
  expect(await caches()).toBe(2);
  const reloaded = page.waitForEvent("load");
  await page.getByRole("button", { name: "Perbarui sekarang" }).click();
  await reloaded;
  await expect.poll(caches).toBe(1);
});

test("while two versions answer at one address, no page of the other is kept", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  const old = await version(page);
  // The worker of the next version comes from one relay, the page from another.
  const mixed = siteOf(world, "mixed", sites.next, (folder) => {
    for (const name of ["index.html", "index.html.br", "index.html.gz"]) {
      fs.rmSync(path.join(folder, name), { force: true });
      if (fs.existsSync(path.join(sites.current, name))) fs.copyFileSync(path.join(sites.current, name), path.join(folder, name));
    }
  });
  world.relay.serve(mixed);
  world.complaints.expect(/is not of version/);
  expect(await update(page)).toBe("redundant");
  await expect(consent(page)).toBeHidden();
  await device.goOffline();
  await page.reload();
  expect(await version(page)).toBe(old);
  await expect(page.getByRole("link", { name: "Laporan" }).first()).toBeVisible();

  // Once all relays have it, the next look finds it: the page looks as soon as there is a network again.
  world.relay.serve(sites.next);
  await device.goOnline();
  await expect(consent(page)).toBeVisible({ timeout: 30_000 });
});

test("a page of another version, or none, in the place of the kept one is fetched again before it is shown", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  const own = await version(page);
  const spoil = (words) =>
    page.evaluate(async ([own, words]) => {
      const cache = await caches.open(`simpul-${own}`);
      if (words === null) await cache.delete("/");
      else await cache.put("/", new Response(words, { headers: { "content-type": "text/html" } }));
    }, [own, words]);
  const fromOther = `<!doctype html><meta name="simpul-version" content="lain"><h1>Versi lain</h1>`;
  for (const words of [fromOther, null]) {
    await spoil(words);
    await page.reload();
    expect(await version(page)).toBe(own);
    await expect(page.getByRole("link", { name: "Laporan" }).first()).toBeVisible();
  }

  // Where the relay does not give it either, or there is no network, there is nothing to mend it with: the person is told.
  const incomplete = page.getByRole("heading", { name: "Aplikasi di perangkat ini tidak lengkap" });
  await spoil(null);
  world.complaints.expect(/status of (404|50\d)/);
  for (const name of ["index.html", "index.html.br", "index.html.gz"]) {
    fs.rmSync(path.join(world.relay.folder, "site", name), { force: true });
  }
  await page.reload();
  await expect(incomplete).toBeVisible();
  world.relay.serve(sites.current);
  await device.goOffline();
  await page.reload();
  await expect(incomplete).toBeVisible();
  await device.goOnline();
  await page.reload();
  expect(await version(page)).toBe(own);
  await expect(page.getByRole("link", { name: "Laporan" }).first()).toBeVisible();
});

test("a first installation that is cut is done as soon as there is a network again", async ({ world }) => {
  world.complaints.expect(/404|Failed to register|ServiceWorker/);
  // The worker itself cannot be had, or a file that only it asks for.
  for (const lost of [/^sw\.js/, /^robots\.txt|^manifest\.webmanifest/]) {
    world.relay.serve(siteOf(world, `cut-${lost.source.length}`, sites.current, (folder) => {
      for (const name of fs.readdirSync(folder).filter((name) => lost.test(name))) fs.rmSync(path.join(folder, name));
    }));
    const device = await world.device();
    const answered = device.context.waitForEvent("response", (response) => response.status() === 404);
    const page = await device.tab("/");
    await answered;
    const registered = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
    await expect.poll(registered).toBe(0);
    world.relay.serve(sites.current);
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await keptForOffline(page);
    await device.goOffline();
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
    await device.turnOff();
    world.complaints.networkIsAway = false;
  }
});

test("a file that the browser dropped is fetched again, and where the relay has only the next version, that is taken", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  const own = await version(page);
  const drop = () =>
    page.evaluate(async (own) => {
      const cache = await caches.open(`simpul-${own}`);
      const styles = (await cache.keys()).find(({ url }) => /styles-.*\.css/.test(url));
      await cache.delete(styles);
      return new URL(styles.url).pathname;
    }, own);
  // As a page asks for it that the browser does not hold in its memory any more.
  const ask = (file) => page.evaluate((file) => fetch(file, { cache: "reload" }).then(({ status }) => status), file);
  const styles = await drop();
  expect(await kept(page)).not.toContain(styles);
  expect(await ask(styles)).toBe(200);
  expect(await kept(page)).toContain(styles);

  world.relay.serve(siteOf(world, "renamed", sites.next, renameAssets));
  world.complaints.expect(/404/);
  expect(await ask(await drop())).toBe(404);
  await page.reload();
  expect(await version(page)).not.toBe(own);
  await expect(page.getByRole("link", { name: "Laporan" }).first()).toBeVisible();
});

test("an update that is cut at 30 % leaves the old version whole, and goes on where it was", async ({ world }) => {
  const proxy = await Proxy.to(world.relay);
  const { device, page } = await world.signedIn("writer", { url: proxy.url });
  const old = await version(page);
  const next = siteOf(world, "renamed", sites.next, renameAssets);
  const files = fs.readdirSync(path.join(next, "assets"));
  const bytes = files.reduce((sum, name) => sum + fs.statSync(path.join(next, "assets", name)).size, 0);
  const isNext = (file) => file.startsWith("/assets/x");
  world.relay.serve(next);
  world.complaints.networkIsAway = true;
  proxy.behave(links.cutAfter(bytes * 0.3));
  expect(await update(page)).toBe("redundant");
  expect(proxy.cuts).toBeGreaterThan(0);
  const came = (await kept(page)).filter(isNext).sort();
  const worker = fs.readFileSync(path.join(next, "sw.js"), "utf8");
  const asked = files.map((name) => `/assets/${name}`).filter((file) => worker.includes(file)).sort();
  expect(came, "all but the program, which is most of it").toEqual(asked.filter((file) => !file.endsWith(".wasm")));
  expect(came).toHaveLength(asked.length - 1);

  // Nobody is asked for anything, and the old version works without a network.
  await expect(consent(page)).toBeHidden();
  await page.reload();
  expect(await version(page)).toBe(old);
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Di tengah pembaruan.");
  await expectSafety(page, "Di perangkat ini");
  expect(await kept(page), "what came is kept over the start of the app").toEqual(expect.arrayContaining(came));

  proxy.behave(links.good());
  world.complaints.networkIsAway = false;
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(consent(page)).toBeVisible({ timeout: 45_000 });
  const reloaded = page.waitForEvent("load");
  await consent(page).click();
  await reloaded;
  expect(await version(page)).not.toBe(old);
  await expect(field(page, "Penutup")).toHaveValue("Di tengah pembaruan.");
  await device.turnOff();
  await proxy.close();
});
