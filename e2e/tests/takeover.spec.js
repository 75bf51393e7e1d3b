// Work that a restored relay lost, whose maker's device is away: it waits, is taken over, and the maker comes back.

import fs from "node:fs";
import path from "node:path";
import { expectAccessible } from "../world/accessible.js";
import { history } from "../world/actions.js";
import { begin, expectConnection, expectSafety, field, open, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const WAITS = "Menunggu perangkat pembuatnya";
const TAKEN = "Tulisan Anda sudah diambil alih";
const AWAITED = "Laporan yang ditunggu";
const GIVEN_UP = "Laporan yang diambil alih";

const dialog = (page) => page.getByRole("dialog").filter({ visible: true });
const notice = (page, name) => page.getByRole("main").getByRole("group", { name, exact: true });

/** Restores a backup on a machine that has the key of receipts no more: nobody can prove what others wrote since. */
async function restoreWithoutKey(world, backup) {
  await world.stopRelay();
  fs.rmSync(path.join(world.relay.folder, "data", "receipts.key"));
  world.relay.operate("restore", backup, "--new-key");
  await world.startRelay();
}

/** Signs in once more on a page that asks for it. */
async function signInAgain(device, page) {
  await page.getByRole("complementary", { name: "Pemberitahuan" }).getByRole("link", { name: "Masuk" }).click();
  await page.getByLabel("Kata sandi", { exact: true }).fill(device.account.password);
  await page.getByRole("main").getByRole("button", { name: "Masuk", exact: true }).click();
  await expectConnection(page, "Tersambung");
}

async function report(page, title) {
  await begin(page, "Laporan baru");
  await field(page, "Judul kegiatan").fill(title);
  await writeOn(page, "Penutup", "Satu.");
  await expectSafety(page, "Di server");
}

/** What the history says of who wrote, newest first. */
async function writers(page) {
  const names = (await history(page)).locator(".history").last().locator(".history-what");
  await expect(names.first()).toBeVisible();
  const said = await names.allInnerTexts();
  await page.keyboard.press("Escape");
  return said;
}

/** A picture of what a person sees, where $PICTURES names a folder: both widths, light and dark. */
async function picture(page, name) {
  if (!process.env.PICTURES) return;
  const before = page.viewportSize();
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: path.join(process.env.PICTURES, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

test("what a restored relay cannot prove waits for its maker or is taken over, and each word is there once when the maker is back", async ({ world }) => {
  // Two people, a restore and five sign-ins.
  test.setTimeout(240_000);
  world.complaints.expect(/status of 401|WebSocket connection to/);
  const backup = path.join(world.relay.folder, "cadangan");
  const { device: hers, page: sri } = await world.signedIn("sri");
  await report(sri, AWAITED);
  await report(sri, GIVEN_UP);
  world.relay.operate("backup", backup);
  for (const title of [GIVEN_UP, AWAITED]) {
    await open(sri, "Laporan", title);
    await writeOn(sri, "Penutup", " Dua.");
    await expectSafety(sri, "Di server");
  }
  const { device: his, page: budi } = await world.signedIn("budi");
  for (const title of [AWAITED, GIVEN_UP]) {
    await open(budi, "Laporan", title);
    await expect(field(budi, "Penutup")).toHaveValue("Satu. Dua.");
  }

  await hers.goOffline();
  await open(sri, "Laporan", GIVEN_UP);
  await writeOn(sri, "Penutup", " Tiga.");
  await expectSafety(sri, "Di perangkat ini");
  await restoreWithoutKey(world, backup);
  await signInAgain(his, budi);

  await test.step("another reads that it waits for its maker, in the list and in the record, and goes on writing on top", async () => {
    const menu = budi.getByRole("navigation", { name: "Menu utama" });
    await menu.getByRole("link", { name: "Laporan", exact: true }).click();
    const row = (title) => budi.getByRole("main").getByRole("row").filter({ hasText: title });
    for (const title of [AWAITED, GIVEN_UP]) {
      await expect(row(title).getByText(WAITS)).toBeVisible();
      await expect(row(title).getByText("Di server")).toHaveCount(0);
    }
    await picture(budi, "list");
    await open(budi, "Laporan", AWAITED);
    await expect(notice(budi, WAITS)).toContainText("1 perubahan orang lain belum ada di server");
    await expect(notice(budi, WAITS).getByRole("button", { name: "Ambil alih sekarang" })).toBeVisible();
    await writeOn(budi, "Penutup", " Empat.");
    await expectSafety(budi, "Di perangkat ini");
    await expectAccessible(budi, "a record that waits");
    await picture(budi, "waits");
  });

  await test.step("who takes it over reads that it is theirs now, and the history says for whom", async () => {
    await open(budi, "Laporan", GIVEN_UP);
    await notice(budi, WAITS).getByRole("button", { name: "Ambil alih sekarang" }).click();
    await expect(budi.getByText("Isinya sekarang tercatat sebagai suntingan Anda.")).toBeVisible();
    await expect(notice(budi, WAITS)).toHaveCount(0);
    await expectSafety(budi, "Di server");
    await expect(field(budi, "Penutup")).toHaveValue("Satu. Dua.");
    expect(await writers(budi)).toEqual(["Diterapkan ulang oleh Budi Santosa (peragaan) untuk Sri Wahyuni (peragaan)", "Sri Wahyuni (peragaan)"]);
  });

  await test.step("the maker comes back: what waited is sent, and the mark goes", async () => {
    await hers.goOnline();
    await signInAgain(hers, sri);
    await open(budi, "Laporan", AWAITED);
    await expect(notice(budi, WAITS)).toHaveCount(0);
    await expectSafety(budi, "Di server");
    await open(sri, "Laporan", AWAITED);
    for (const page of [sri, budi]) await expect(field(page, "Penutup")).toHaveValue("Satu. Dua. Empat.");
    expect(await writers(sri)).toEqual(["Budi Santosa (peragaan)", "Sri Wahyuni (peragaan)"]);
  });

  await test.step("the maker reads who took the rest over; what they wrote after it is theirs, and each word is there once", async () => {
    for (const page of [sri, budi]) {
      await open(page, "Laporan", GIVEN_UP);
      await expect(field(page, "Penutup")).toHaveValue("Satu. Dua. Tiga.");
      await expectSafety(page, "Di server");
    }
    await expect(notice(sri, TAKEN)).toContainText("sudah diambil alih oleh Budi Santosa (peragaan) sebelum");
    await expect(notice(budi, TAKEN)).toHaveCount(0);
    await expectAccessible(sri, "a record that was taken over");
    await picture(sri, "taken-over");
    const said = ["Diterapkan ulang oleh Sri Wahyuni (peragaan)", "Diterapkan ulang oleh Budi Santosa (peragaan) untuk Sri Wahyuni (peragaan)", "Sri Wahyuni (peragaan)"];
    for (const page of [sri, budi]) expect(await writers(page)).toEqual(said);
    await notice(sri, TAKEN).getByRole("button", { name: "Mengerti" }).click();
    await expect(notice(sri, TAKEN)).toHaveCount(0);
    await expect(field(sri, "Penutup")).toHaveValue("Satu. Dua. Tiga.");
  });
});
