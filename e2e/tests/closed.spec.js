// A record that a colleague closes while somebody types in it: who types is told where they are, and no key does anything else.

import { act, decide } from "../world/actions.js";
import { begin, beginAgreement, expectSafety, field, write } from "../world/record.js";
import { PHONE } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");
const told = (page) => page.locator(".notices").getByText(/Yang Anda ketik sejak itu tidak masuk\./);

/** Whether the whole of a notice is on the screen. */
async function isInSight(page, notice) {
  const box = await notice.boundingBox();
  const { width, height } = page.viewportSize();
  return box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
}

test("who types in a record that a colleague throws away is told at once where they look, keeps what they typed, and goes on once it is back", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Laporan baru");
  await write(sri, "Judul kegiatan", "Rapat di Kyoto");
  await expectSafety(sri, "Di server");
  const { page: budi } = await world.signedInAt("budi", new URL(sri.url()).pathname);
  await sri.setViewportSize(PHONE);
  const closing = field(sri, "Penutup");
  await closing.focus();
  await sri.keyboard.type("Demikian laporan");
  await expect(field(budi, "Penutup")).toHaveValue("Demikian laporan");

  await act(budi, "Buang ke tempat sampah");
  const ask = budi.getByRole("dialog");
  if (await ask.isVisible()) await ask.getByRole("button", { name: "Buang" }).click();
  await expect(told(sri)).toContainText("Budi Santosa (peragaan) membuang dokumen ini");
  expect(await isInSight(sri, told(sri))).toBe(true);
  await test.step("no key scrolls the page or is lost in silence", async () => {
    const before = await sri.evaluate(() => scrollY);
    await sri.locator(".notices").getByRole("button", { name: "Tutup" }).last().click();
    await closing.focus();
    await sri.keyboard.press("Space");
    await expect(told(sri)).toBeVisible();
    await sri.keyboard.type(" ini");
    expect(await sri.evaluate(() => scrollY)).toBe(before);
    await expect(closing).toHaveValue("Demikian laporan");
  });

  await main(budi).getByRole("button", { name: "Pulihkan" }).click();
  await expect(told(sri)).toHaveCount(0);
  await closing.focus();
  await sri.keyboard.press("End");
  await sri.keyboard.type(" ini.");
  await expect(field(budi, "Penutup")).toHaveValue("Demikian laporan ini.");
});

test("who types in a record that is archived meanwhile is told there, and not to open what is open", async ({ world }) => {
  const { device, page: sri } = await world.signedIn("sri");
  const address = await beginAgreement(sri);
  const { page: ketut } = await world.signedInAt("ketut", address);
  const notes = field(sri, "Catatan");
  await notes.focus();
  await device.goOffline();
  await sri.keyboard.type("Belum terkirim.");
  await decide(ketut, "Arsipkan");
  await expectSafety(ketut, "Di server");
  await device.goOnline();
  await expect(told(sri)).toContainText("I Ketut Suardana (peragaan) mengarsipkan dokumen ini", { timeout: 30_000 });
  await expect(sri.locator(".notices")).toContainText("lihat keterangan di atas dokumen");
  await expect(sri.locator(".notices")).not.toContainText("buka dokumennya");
  await expect(main(sri).getByText("Belum terkirim.").first()).toBeAttached();
});

test("who types in a result that a colleague removes is told, and the next keys go into no other", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Laporan baru");
  for (const [nth, text] of ["Hasil satu.", "Hasil dua."].entries()) {
    await main(sri).getByRole("button", { name: "Tambah hasil" }).click();
    await write(sri, `Hasil ${nth + 1}`, text);
  }
  await expectSafety(sri, "Di server");
  const { page: budi } = await world.signedInAt("budi", new URL(sri.url()).pathname);
  await expect(field(budi, "Hasil 2")).toHaveValue("Hasil dua.");
  await field(sri, "Hasil 1").focus();
  await sri.keyboard.press("End");
  await sri.keyboard.type(" Ditambah");
  await expect(field(budi, "Hasil 1")).toHaveValue("Hasil satu. Ditambah");
  await main(budi).getByRole("button", { name: "Hapus hasil 1" }).click();
  await expect(told(sri)).toContainText("Budi Santosa (peragaan) menghapus butir yang sedang Anda isi.");
  const before = await sri.evaluate(() => scrollY);
  await sri.keyboard.type(" lanjutan");
  await sri.keyboard.press("Space");
  await expect(field(sri, "Hasil 1")).toHaveValue("Hasil dua.");
  expect(await sri.evaluate(() => scrollY)).toBe(before);
  await sri.getByText("Dihapus: 1").click();
  await expect(main(sri).getByText("Hasil satu. Ditambah").first()).toBeVisible();
});
