// Two tabs of one person are the normal case.

import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

test("two tabs write in one report, with and without a network, and neither loses a word", async ({ world }) => {
  const { device, page: one } = await world.signedIn("writer");
  await begin(one, "Laporan baru");
  await expectSafety(one, "Di server");
  const two = await device.tab(new URL(one.url()).pathname);
  await expect(field(two, "Penutup")).toBeVisible();

  await Promise.all([writeOn(one, "Penutup", "pertama "), writeOn(two, "Kegiatan yang dilaksanakan", "kedua ")]);
  await expect(field(two, "Penutup")).toHaveValue("pertama ");
  await expect(field(one, "Kegiatan yang dilaksanakan")).toHaveValue("kedua ");

  await world.pullThePlug();
  await Promise.all([writeOn(one, "Penutup", "ketiga "), writeOn(two, "Penutup", "keempat ")]);
  for (const tab of [one, two]) {
    await tab.bringToFront();
    await expect(field(tab, "Penutup")).toHaveValue(/ketiga/);
    await expect(field(tab, "Penutup")).toHaveValue(/keempat/);
    await expectSafety(tab, "Di perangkat ini");
  }
  expect(await field(one, "Penutup").inputValue()).toBe(await field(two, "Penutup").inputValue());

  await world.plugIn();
  for (const tab of [one, two]) await expectSafety(tab, "Di server");
});

test("the connection passes on when the tab that holds it is closed", async ({ world }) => {
  const { device, page: one } = await world.signedIn("writer");
  await begin(one, "Laporan baru");
  await expectSafety(one, "Di server");
  const two = await device.tab(new URL(one.url()).pathname);
  await expect(field(two, "Penutup")).toBeVisible();
  await one.close();
  await writeOn(two, "Penutup", "Tab kedua meneruskan.");
  await expectSafety(two, "Di server");
});

test("what is typed right before a reload is sent at once, and the other tab, which holds the connection, shows it", async ({ world }) => {
  const { device, page: one } = await world.signedIn("sri");
  await begin(one, "Laporan baru");
  await expectSafety(one, "Di server");
  const address = new URL(one.url()).pathname;
  const { page: colleague } = await world.signedIn("budi");
  await colleague.goto(world.relay.url + address);
  const two = await device.tab(address);
  for (const [leaves, words] of [
    [() => two.reload(), "Sebelum dimuat ulang."],
    [() => two.goto(`${world.relay.url}/kerja-sama`), " Sebelum pindah alamat."],
    [() => two.close(), " Sebelum ditutup."],
  ]) {
    const before = await field(two, "Penutup").inputValue();
    await writeOn(two, "Penutup", words);
    await leaves();
    await one.bringToFront();
    await expect(field(one, "Penutup")).toHaveValue(before + words);
    await expect(field(colleague, "Penutup")).toHaveValue(before + words);
    await expectSafety(one, "Di server");
    if (!two.isClosed()) await two.goto(world.relay.url + address);
  }
});
