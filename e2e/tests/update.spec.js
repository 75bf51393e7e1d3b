// A new version of the app waits until a person agrees, and costs nobody a word.

import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { sites } from "../world/relay.js";
import { expect, test } from "../world/test.js";

const version = (page) => page.locator('meta[name="simpul-version"]').getAttribute("content");

test("a new version waits for consent in one tab, then all tabs run it and the open edit is kept", async ({ world }) => {
  const { device, page: one } = await world.signedIn("writer");
  await begin(one, "Laporan baru");
  await expectSafety(one, "Di server");
  const two = await device.tab("/");
  const old = await version(one);

  world.relay.serve(sites.next);
  await one.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  const consent = (tab) => tab.getByRole("button", { name: "Perbarui sekarang" });
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
