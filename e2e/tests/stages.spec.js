// The stages of an agreement are filled in where they stand on the line.

import { begin, expectSafety, field } from "../world/record.js";
import { PHONE } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const line = (page) => page.getByRole("main").getByRole("listitem");
const stage = (page, name) => line(page).filter({ has: page.getByRole("button", { name, exact: false }) }).filter({ hasText: name });
const touch = (page, name) => page.getByRole("button", { name: new RegExp(`^${name}`) }).first();
const done = (page) => page.getByRole("button", { name: "Selesai", exact: true });

async function stages(page) {
  await page.getByRole("tab", { name: "Tahapan" }).click();
  await expect(touch(page, "Prakarsa")).toBeVisible();
}

test("a stage is filled in where it stands, on the phone, and a look leaves nothing behind", async ({ world }) => {
  const { page } = await world.signedIn("sri", { viewport: PHONE });
  await page.getByRole("main").getByRole("button", { name: "Kerja sama baru" }).click();
  await stages(page);
  // The line and what may follow; no forms below.
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(1_800);

  await touch(page, "Penjajakan").click();
  await expect(field(page, "Tanggal tahap")).toBeFocused();
  await page.keyboard.type("12 Mei 2024");
  await page.keyboard.press("Enter");
  await field(page, "Nomor surat").fill("005/1138/02");
  await done(page).click();
  await expect(stage(page, "Penjajakan")).toContainText("12 Mei 2024");
  await expect(stage(page, "Penjajakan")).toContainText("005/1138/02");
  await expect(field(page, "Tanggal tahap")).toHaveCount(0);

  await touch(page, "Verifikasi").click();
  await expect(field(page, "Tanggal tahap")).toBeVisible();
  // A look says nothing, also while it lasts and where it is ended by its button; nor does paper.
  await expect(touch(page, "Verifikasi")).toContainText("belum dicatat");
  await touch(page, "Verifikasi").click();
  await expect(touch(page, "Verifikasi")).toContainText("belum dicatat");
  await touch(page, "Verifikasi").click();
  await done(page).click();
  await expect(touch(page, "Verifikasi")).toContainText("belum dicatat");
  await expect(page.getByText(/^Dihapus:/)).toHaveCount(0);
  await touch(page, "Verifikasi").click();
  await expect(field(page, "Tanggal tahap")).toBeVisible();
  await page.reload();
  await stages(page);
  await expect(touch(page, "Verifikasi")).toContainText("belum dicatat");

  // Once more opens the same, and makes no second.
  await touch(page, "Penjajakan").click();
  await expect(field(page, "Tanggal tahap")).toHaveCount(1);
  await expect(field(page, "Nomor surat")).toHaveValue("005/1138/02");
  await expectSafety(page, "Di server");
});

test("who writes in a stage that a colleague removes is told, and the next keys go nowhere else", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Kerja sama baru");
  await field(sri, "Judul kerja sama").fill("Sleman dan Kyoto");
  await stages(sri);
  await touch(sri, "Penjajakan").click();
  await field(sri, "Nomor surat").fill("005");
  await expectSafety(sri, "Di server");
  const { page: budi } = await world.signedInAt("budi", new URL(sri.url()).pathname);
  await stages(budi);
  await touch(budi, "Penjajakan").click();
  await field(sri, "Nomor surat").focus();
  await sri.keyboard.press("End");
  await sri.keyboard.type("/1138");
  await expect(field(budi, "Nomor surat")).toHaveValue("005/1138");
  await budi.getByRole("button", { name: "Hapus tahap ini" }).click();
  await expect(sri.locator(".notices").getByText(/Budi Santosa .* menghapus butir yang sedang Anda isi/)).toBeVisible();
  const before = await sri.evaluate(() => scrollY);
  await sri.keyboard.type("/02 ");
  expect(await sri.evaluate(() => scrollY)).toBe(before);
  await expect(field(sri, "Nomor surat")).toHaveCount(0);
  await sri.getByText("Dihapus: 1").click();
  await expect(sri.getByRole("button", { name: /^Pulihkan/ })).toBeVisible();
});

test("two who record the same stage offline keep both, are told, and join them without loss", async ({ world }) => {
  const sri = await world.signedIn("sri");
  await begin(sri.page, "Kerja sama baru");
  await field(sri.page, "Judul kerja sama").fill("Dua yang mencatat");
  await expectSafety(sri.page, "Di server");
  const budi = await world.signedIn("budi");
  const page = await budi.device.tab(new URL(sri.page.url()).pathname);
  for (const one of [sri.page, page]) await stages(one);
  await sri.device.goOffline();
  await budi.device.goOffline();
  for (const [one, number] of [[sri.page, "12/A"], [page, "12/B"]]) {
    await touch(one, "Penandatanganan").click();
    await field(one, "Nomor surat").fill(number);
    await done(one).click();
  }
  await sri.device.goOnline();
  await budi.device.goOnline();
  await expect(sri.page.getByText("Dicatat dua kali")).toBeVisible({ timeout: 20_000 });
  await touch(sri.page, "Penandatanganan").click();
  await expect(field(sri.page, "Nomor surat")).toHaveCount(2);
  await sri.page.getByRole("button", { name: "Gabungkan dengan yang pertama" }).click();
  await expect(field(sri.page, "Nomor surat")).toHaveCount(1);
  const kept = await field(sri.page, "Nomor surat").inputValue();
  const other = kept === "12/A" ? "12/B" : "12/A";
  await expect(field(sri.page, "Keterangan")).toHaveValue(`Nomor surat: ${other}`);
  await expect(page.getByText("Dicatat dua kali")).toHaveCount(0, { timeout: 20_000 });
});

test("a date that comes before an earlier stage or before the signing is stored and said beside it, until it fits", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Kerja sama baru");
  const date = async (label, text) => {
    await field(page, label).fill(text);
    await field(page, label).press("Enter");
  };
  const warnings = page.getByRole("main").getByRole("status").filter({ hasText: "lebih awal" });
  await test.step("a stage before an earlier one", async () => {
    await stages(page);
    await touch(page, "Pernyataan Kehendak").click();
    await date("Tanggal tahap", "10 Mei 2019");
    await expect(warnings).toHaveCount(0);
    await done(page).click();
    await touch(page, "Penandatanganan").click();
    await date("Tanggal tahap", "Februari 2019");
    await expect(warnings).toHaveText(["Tanggal ini lebih awal daripada tahap sebelumnya."]);
    await expectSafety(page, "Di server");
    await date("Tanggal tahap", "Mei 2019");
    await expect(warnings).toHaveCount(0);
    await date("Tanggal tahap", "2 Juni 2019");
    await expect(warnings).toHaveCount(0);
    await done(page).click();
  });
  await test.step("a term before the signing, and one that ends before it begins", async () => {
    await page.getByRole("tab", { name: "Ringkasan" }).click();
    await date("Mulai berlaku", "1 Juni 2019");
    await expect(warnings).toHaveText(["Tanggal mulai lebih awal daripada penandatanganan."]);
    await date("Berakhir", "31 Mei 2019");
    await expect(warnings).toHaveText([
      "Tanggal mulai lebih awal daripada penandatanganan.",
      "Tanggal selesai lebih awal daripada tanggal mulai.",
    ]);
    await date("Mulai berlaku", "Juni 2019");
    await date("Berakhir", "2024");
    await expect(warnings).toHaveCount(0);
    await expectSafety(page, "Di server");
  });
});

test("a date that cannot be read keeps its stage, is listed, leads to its field, and is told on the page and on submitting", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Kerja sama baru");
  await stages(page);
  await touch(page, "Penandatanganan").click();
  await field(page, "Tanggal tahap").fill("31/4/2018");
  await field(page, "Tanggal tahap").press("Tab");
  await expect(page.getByText(/^Tanggal ini tidak ada di kalender\./)).toBeVisible();
  await expect(touch(page, "Penandatanganan")).toContainText("belum dicatat");

  await page.getByRole("tab", { name: "Ringkasan" }).click();
  await expect(field(page, "Tanggal tahap")).toHaveCount(0);
  await page.reload();
  await expect(field(page, "Mulai berlaku")).toBeVisible();
  const list = page.getByRole("main").locator("details.checklist");
  await list.locator("summary").click();
  await list.getByRole("link", { name: "Tanggal tahap (Penandatanganan): Yang diketik belum terbaca." }).click();
  await expect(field(page, "Tanggal tahap")).toHaveValue("31/4/2018");
  await expect(field(page, "Tanggal tahap")).toBeFocused();

  // Its button leads there too.
  await page.getByRole("tab", { name: "Ringkasan" }).click();
  await page.getByRole("button", { name: "Ajukan", exact: true }).click();
  await expect(page.getByRole("dialog").getByText("1 isian belum tersimpan karena belum terbaca.")).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Lihat dokumennya dahulu" }).click();
  await expect(field(page, "Tanggal tahap")).toBeFocused();

  await page.getByRole("button", { name: "Cetak", exact: true }).click();
  await expect(page.getByText("1 isian diketik di perangkat ini dan belum terbaca; yang tercetak adalah isinya yang tersimpan.")).toBeVisible();
  await page.goBack();

  await stages(page);
  await field(page, "Tanggal tahap").fill("30/4/2018");
  await field(page, "Tanggal tahap").press("Enter");
  await expect(list.getByRole("link", { name: /belum terbaca/ })).toHaveCount(0);
  await expectSafety(page, "Di server");
});

test("a reader finds what is known of each stage on the line, and no field in it", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Kerja sama baru");
  await field(page, "Judul kerja sama").fill("Kerja sama dengan tahap");
  await stages(page);
  await touch(page, "Penjajakan").click();
  await field(page, "Tanggal tahap").fill("12 Mei 2024");
  await field(page, "Nomor surat").fill("005/1138/02");
  await done(page).click();
  await expectSafety(page, "Di server");
  const { page: dewi } = await world.signedInAt("dewi", new URL(page.url()).pathname);
  await dewi.getByRole("tab", { name: "Tahapan" }).click();
  await expect(stage(dewi, "Penjajakan")).toContainText("005/1138/02");
  await expect(dewi.getByRole("main")).not.toContainText("untuk mengisinya");
  await expect(line(dewi).filter({ hasText: "Verifikasi" })).toContainText("belum dicatat");
  await expect(touch(dewi, "Verifikasi"), "what is not there is not to be touched").toHaveCount(0);
  await touch(dewi, "Penjajakan").click();
  await expect(field(dewi, "Tanggal tahap")).toHaveValue("12 Mei 2024");
  for (const box of await dewi.getByRole("main").getByRole("textbox").filter({ visible: true }).all()) await expect(box).not.toBeEditable();
  await expect(dewi.getByRole("button", { name: /^(Hapus|Catat|Tambah)/ }).filter({ visible: true })).toHaveCount(0);
});
