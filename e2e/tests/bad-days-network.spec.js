// Bad days of the network: a relay that is slow, that is cut off again and again, and somebody else who answers in its place.

import { begin, expectConnection, expectSafety, field, writeOn } from "../world/record.js";
import { Proxy, links } from "../world/proxy.js";
import { expect, test as base } from "../world/test.js";

/** A world with a bad link; the devices that are made with `url: link.url` use it. */
const test = base.extend({
  link: async ({ world }, use) => {
    const link = await Proxy.to(world.relay);
    world.complaints.networkIsAway = true;
    await use(link);
    await link.close();
  },
});

/** A report that was begun over a good link, open on a device whose link turns bad. */
async function reportOverLink(world, link) {
  const { page } = await world.signedIn("sri", { url: link.url });
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Awal.");
  await expectSafety(page, "Di server");
  return page;
}

/** Another person, on a good link, sees all that was written. */
async function expectArrived(world, page, words) {
  const { device } = await world.signedIn("budi");
  const theirs = await device.tab(new URL(page.url()).pathname);
  await expect(field(theirs, "Penutup")).toHaveValue(words);
}

const noCrash = (page) => expect(page.getByText("Simpul berhenti")).toHaveCount(0);

test("over a link that takes two seconds each way typing is not held up, and all arrives", async ({ world, link }) => {
  const page = await reportOverLink(world, link);
  link.behave(links.slow(2_000));
  await writeOn(page, "Penutup", " Lambat.");
  await expect(field(page, "Penutup")).toHaveValue("Awal. Lambat.");
  await expectSafety(page, "Di perangkat ini", { timeout: 3_000 });
  await expectSafety(page, "Di server", { timeout: 40_000 });
  await writeOn(page, "Penutup", " Tetap jalan.");
  await expectSafety(page, "Di server", { timeout: 40_000 });
  await noCrash(page);
  await expectArrived(world, page, "Awal. Lambat. Tetap jalan.");
});

test("over a link that is cut every two seconds all arrives in the end, once", async ({ world, link }) => {
  const page = await reportOverLink(world, link);
  link.behave(links.cutting(2_000));
  let words = "Awal.";
  for (const more of [" Satu.", " Dua.", " Tiga."]) {
    const cuts = link.cuts;
    await writeOn(page, "Penutup", more);
    words += more;
    await expect.poll(() => link.cuts, { timeout: 20_000 }).toBeGreaterThan(cuts);
  }
  await expectSafety(page, "Di server", { timeout: 30_000 });
  await noCrash(page);
  await expectArrived(world, page, words);
});

for (const [name, make] of Object.entries({
  "frames that are none": links.garbled,
  "the page of a hotel's network": links.captured,
  "bytes that are not even HTTP": links.noise,
})) {
  test(`${name} in place of the relay's answers stop no work, and it is sent once the relay itself answers`, async ({ world, link }) => {
    const page = await reportOverLink(world, link);
    link.behave(make());
    await writeOn(page, "Penutup", " Di tengah gangguan.");
    await expectSafety(page, "Di perangkat ini");
    await expect.poll(() => link.answers + link.garbled, { timeout: 30_000 }).toBeGreaterThan(2);
    await noCrash(page);
    await writeOn(page, "Penutup", " Tetap menulis.");
    await expectSafety(page, "Di perangkat ini");
    await expect(page.getByRole("status").filter({ hasText: "Perlu masuk lagi" })).toHaveCount(0);

    link.behave(links.good());
    await expectSafety(page, "Di server", { timeout: 40_000 });
    await expectConnection(page, "Tersambung");
    await expectArrived(world, page, "Awal. Di tengah gangguan. Tetap menulis.");
  });
}

test("signing in where a hotel's network answers says that it is not the relay", async ({ world, link }) => {
  // The browser asks by itself whether there is a newer service worker, and gets the portal's page.
  world.complaints.expect(/script has an unsupported MIME type/);
  const account = world.account("writer");
  const page = await (await world.device("laptop", { url: link.url })).tab("/");
  await page.getByLabel("Nama pengguna").fill(account.user);
  await page.getByLabel("Kata sandi", { exact: true }).fill(account.password);
  link.behave(links.captured());
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Yang menjawab bukan server Simpul");
  link.behave(links.good());
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(page.getByRole("navigation", { name: "Menu utama" })).toBeVisible();
});
