// Looking back: what a decision says stands on top of the record, and its versions are opened and compared.

import { act, decide, history } from "../world/actions.js";
import { begin, beginAgreement, expectSafety, field, write } from "../world/record.js";
import { PHONE } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const dialog = (page, name) => page.getByRole("dialog", { name });
const main = (page) => page.getByRole("main");

/** An agreement with a note in a text of its own. */
async function agreement(page) {
  const address = await beginAgreement(page);
  await write(page, "Catatan", "Rapat pertama membahas anggaran bersama.");
  await expectSafety(page, "Di server");
  return address;
}

test("a return is seen in one tap on the phone, and its versions are opened, compared and named alike", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await agreement(sri);
  await decide(sri, "Ajukan", "Mohon diperiksa hari ini.");
  await expectSafety(sri, "Di server");

  const { device, page: first } = await world.signedIn("ketut");
  await test.step("who decides reads the note of who submitted, at the start and on top of the record", async () => {
    const row = main(first).getByRole("link", { name: /Sleman dan Kyoto/ }).first();
    await expect(row).toContainText("Mohon diperiksa hari ini.");
  });
  await first.close();
  const ketut = await device.tab(address);
  await expect(main(ketut).getByRole("group", { name: /^Diajukan: catatan/ })).toContainText("Mohon diperiksa hari ini.");
  await decide(ketut, "Kembalikan", "Lengkapi masa berlaku.\nSebut pejabatnya.");
  await expectSafety(ketut, "Di server");

  await test.step("on the writer's phone one tap leads to the remark", async () => {
    const { device: phone, page } = await world.signedIn("sri", { viewport: PHONE, hasTouch: true });
    const row = page.getByRole("link", { name: /Sleman dan Kyoto/ }).first();
    // Who, which version, when, and what.
    await expect(row).toContainText(/I Ketut Suardana \(peragaan\) · Versi 1 · \d+ \S+ \d{4} \d\d\.\d\d \S+: Lengkapi masa berlaku\./);
    await row.tap();
    const banner = main(page).getByRole("group", { name: /^Dikembalikan oleh/ });
    await expect(banner).toContainText("Lengkapi masa berlaku.");
    await expect(banner).toContainText(/\d+ \S+ \d{4} \d\d\.\d\d .*Versi 1/);
    const box = await banner.boundingBox();
    expect(box.y + box.height, "in sight without scrolling").toBeLessThan(740);
    await phone.turnOff();
  });

  await write(sri, "Catatan", "Rapat pertama membahas rencana bersama.");
  await decide(sri, "Ajukan");
  await expectSafety(sri, "Di server");
  await decide(ketut, "Setujui");
  await write(sri, "Pemrakarsa", "Bupati");
  for (const page of [sri, ketut]) {
    await expect(main(page).locator(".record-marks")).toContainText("Versi 2, 1 perubahan sesudahnya");
  }

  await test.step("the approved version is opened, and compared with now", async () => {
    const told = await history(ketut);
    const approved = told.getByRole("listitem").filter({ hasText: "Setujui" }).first();
    await approved.getByRole("button", { name: "Bandingkan dengan sekarang" }).click();
    const compared = dialog(ketut, /^Versi 2, diajukan/);
    await expect(compared.getByRole("heading", { name: "Pemrakarsa" })).toBeVisible();
    await expect(compared.locator("ins")).toHaveText("Bupati");
    await compared.getByRole("tab", { name: "Isi versi ini" }).click();
    await expect(compared.getByText("Rapat pertama membahas rencana bersama.")).toBeVisible();
    await expect(compared.getByText("Bupati")).toHaveCount(0);
    await compared.getByRole("button", { name: "Tutup" }).click();
    const returned = told.getByRole("listitem").filter({ hasText: "Kembalikan" }).first();
    await returned.getByRole("button", { name: "Bandingkan dengan sekarang" }).click();
    const first = dialog(ketut, /^Versi 1, diajukan/);
    await expect(first.locator("del")).toHaveText("anggaran");
    await expect(first.locator("ins").filter({ hasText: "rencana" })).toHaveCount(1);
  });
});

test("own open edits count at once, and what is empty is missing", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await agreement(page);
  await decide(page, "Ajukan");
  await expect(main(page).locator(".record-marks")).toContainText("Versi 1, tanpa perubahan sesudahnya");
  await field(page, "Catatan").press("End");
  await page.keyboard.type(" Dan");
  await expect(main(page).locator(".record-marks")).toContainText("Versi 1, 1 perubahan sesudahnya");
  await expect(field(page, "Catatan"), "it is not left yet").toBeFocused();

  await begin(page, "Rencana aksi baru");
  await page.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await expect(main(page).getByText("2 hal belum diisi")).toBeVisible();
  await main(page).getByRole("button", { name: "Ajukan", exact: true }).click();
  const asked = page.getByRole("dialog").filter({ has: page.getByLabel("Catatan") });
  await expect(asked.getByRole("listitem")).toHaveText(["Judul", "Butir dengan kegiatan"]);
  await expect(asked.getByRole("button", { name: "Ajukan", exact: true })).toBeDisabled();
});

test("an undone choice brings the conflict back with both values, for everybody", async ({ world }) => {
  const { device, page: sri } = await world.signedIn("sri");
  const address = await agreement(sri);
  const { device: other, page: first } = await world.signedIn("budi");
  await first.close();
  const budi = await other.tab(address);
  await expect(field(budi, "Pemrakarsa")).toBeVisible();
  await Promise.all([device.goOffline(), other.goOffline()]);
  await write(sri, "Pemrakarsa", "Bupati");
  await write(budi, "Pemrakarsa", "Gubernur");
  await Promise.all([device.goOnline(), other.goOnline()]);
  const settle = (page) => main(page).getByRole("group", { name: "Perlu dipilih: Pemrakarsa" });
  for (const page of [sri, budi]) await expect(settle(page)).toBeVisible({ timeout: 30_000 });
  const value = (page, name) => settle(page).getByRole("listitem").filter({ hasText: name });
  await value(sri, "Gubernur").getByRole("button", { name: "Pilih ini" }).click();
  for (const page of [sri, budi]) {
    await expect(settle(page)).toBeHidden();
    await expect(field(page, "Pemrakarsa")).toHaveValue("Gubernur");
  }
  await sri.getByRole("button", { name: "Urungkan", exact: true }).click();
  for (const page of [sri, budi]) {
    await expect(value(page, "Bupati")).toBeVisible();
    await expect(value(page, "Gubernur")).toBeVisible();
  }
  await value(budi, "Bupati").getByRole("button", { name: "Pilih ini" }).click();
  for (const page of [sri, budi]) {
    await expect(settle(page)).toBeHidden();
    await expect(field(page, "Pemrakarsa")).toHaveValue("Bupati");
  }
});

test("what others wrote in or wait for goes to the bin after a question, and the bin names who did it", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await agreement(sri);
  const { device, page: first } = await world.signedIn("budi");
  await first.close();
  const budi = await device.tab(address);
  await act(budi, "Buang ke tempat sampah");
  const asked = dialog(budi, "Buang ke tempat sampah?");
  await expect(asked).toContainText("juga menulis di sini");
  await asked.getByRole("button", { name: "Batal" }).click();
  await expect(main(budi).getByText("Konsep", { exact: true })).toBeVisible();
  await act(budi, "Buang ke tempat sampah");
  await asked.getByRole("button", { name: "Buang ke tempat sampah" }).click();
  await expectSafety(budi, "Di server");
  const name = world.account("budi").name ?? /Budi/;
  await expect(main(sri).getByText(/membuang dokumen ini ke tempat sampah/)).toContainText(name);
  await sri.goto(new URL("/tempat-sampah", sri.url()).href);
  await expect(main(sri).getByRole("listitem").filter({ hasText: "Sleman dan Kyoto" })).toContainText(/Dibuang oleh/);
});

test("what a colleague wrote in after it was removed is offered back to both", async ({ world }) => {
  const { device, page: sri } = await world.signedIn("sri");
  await begin(sri, "Laporan baru");
  await sri.getByRole("button", { name: "Tambah hasil", exact: true }).click();
  await write(sri, "Hasil 1", "Disepakati pertukaran pelajar.");
  await expectSafety(sri, "Di server");
  const { device: other, page: first } = await world.signedIn("budi");
  await first.close();
  const budi = await other.tab(new URL(sri.url()).pathname);
  await expect(field(budi, "Hasil 1")).toHaveValue("Disepakati pertukaran pelajar.");
  await Promise.all([device.goOffline(), other.goOffline()]);
  await sri.getByRole("button", { name: "Hapus hasil 1", exact: true }).click();
  await write(budi, "Hasil 1", "Disepakati pertukaran pelajar, Rp7.000.000.");
  await Promise.all([device.goOnline(), other.goOnline()]);
  const offered = (page) => main(page).getByRole("group", { name: "Perlu ditinjau" });
  for (const page of [sri, budi]) await expect(offered(page)).toBeVisible({ timeout: 30_000 });
  await offered(budi).getByRole("button", { name: "Tunjukkan" }).click();
  await budi.getByRole("button", { name: /^Pulihkan hasil: .*Rp7\.000\.000\.$/ }).click();
  for (const page of [sri, budi]) {
    await expect(field(page, "Hasil 1")).toHaveValue("Disepakati pertukaran pelajar, Rp7.000.000.");
    await expect(offered(page)).toBeHidden();
  }
});
