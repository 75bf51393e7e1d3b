// The network is never in the way: the app starts, opens and stores without one, and sends by itself afterwards.

import path from "node:path";
import { project } from "../world/relay.js";
import { begin, expectConnection, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

test("a report is written over two reloads without relay or network, and reaches the server by itself", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Demikian laporan ini.");
  await expectSafety(page, "Di server");

  await world.pullThePlug();
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Demikian laporan ini.");
  await writeOn(page, "Penutup", " Ditulis di kapal.");
  await expectSafety(page, "Di perangkat ini");

  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Demikian laporan ini. Ditulis di kapal.");
  await expectSafety(page, "Di perangkat ini");

  await device.goOnline();
  await world.startRelay();
  await expectSafety(page, "Di server", { timeout: 5_000 });
});

test("when the system says that the network is gone the page says so at once, and it connects by itself once it is back", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await expectConnection(page, "Tersambung");
  await device.goOffline();
  await expectConnection(page, "Luring", { timeout: 2_000 });
  await device.goOnline();
  await expectConnection(page, "Tersambung", { timeout: 5_000 });
});

test("what was written without a network is there after the whole browser has ended", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await expectSafety(page, "Di server");
  await world.pullThePlug();
  await writeOn(page, "Penutup", "Sebelum baterai habis.");
  await expectSafety(page, "Di perangkat ini");
  const address = new URL(page.url()).pathname;

  await device.turnOff();
  await device.turnOn();
  await device.goOffline();
  const again = await device.tab(address);
  await expect(field(again, "Penutup")).toHaveValue("Sebelum baterai habis.");

  await world.plugIn();
  await expectSafety(again, "Di server");
});

test("a region's coat of arms stands on paper, also without a network and after the whole browser has ended", async ({ world }) => {
  const [home] = world.account("writer").feeds;
  world.relay.operate("feed", "set", home, "picture", path.join(project, "public/icons/simpul-192.png"));
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await expectSafety(page, "Di server");
  const paper = `${new URL(page.url()).pathname}/cetak`;
  // Its lines say whose it is, so that it has no name of its own.
  const widths = (page) => page.locator(".paper-letterhead img").evaluateAll((all) => all.map((image) => image.naturalWidth));
  await page.goto(new URL(paper, page.url()).href);
  await expect.poll(() => widths(page)).toEqual([192]);

  await world.pullThePlug();
  await device.turnOff();
  await device.turnOn();
  await device.goOffline();
  const again = await device.tab(paper);
  await expect.poll(() => widths(again)).toEqual([192]);
  await expect(again.locator(".paper-letterhead img")).toBeVisible();
});

test("what the relay acknowledged before it was killed is there for another person afterwards", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Diakui server.");
  await expectSafety(page, "Di server");
  const address = new URL(page.url()).pathname;

  world.complaints.networkIsAway = true;
  await world.relay.kill();
  await world.startRelay();

  const { device: other } = await world.signedIn("budi");
  const theirs = await other.tab(address);
  await expect(field(theirs, "Penutup")).toHaveValue("Diakui server.");
});
