// A trip report that exists as a file becomes a record in which every fact stands in its field.

import { expectSafety, field, report } from "../world/record.js";
import { expect, test } from "../world/test.js";

test("a report is imported whole, stands in its fields and prints its four sections in order", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  await page.goto(`${world.relay.url}/laporan/impor`);
  await page.getByLabel("Pilih berkas").setInputFiles(report);
  await expect(page.getByRole("heading", { name: "Yang terbaca" })).toBeVisible();
  await page.getByRole("button", { name: "Buat laporan ini" }).click();

  await expect(field(page, "Tanggal mulai")).toHaveValue("10 Juli 2019");
  await expect(field(page, "Tanggal selesai")).toHaveValue("12 Juli 2019");
  await expect(field(page, "Jumlah peserta")).toHaveValue("61");
  await expect(field(page, "Tempat")).toHaveValue(/Mangga Dua/);
  await expect(field(page, "Tema")).toHaveValue(/Sister City\/Province/i);
  await expect(field(page, "Maksud dan tujuan")).not.toHaveValue("");
  await expect(field(page, "Kegiatan yang dilaksanakan")).not.toHaveValue("");
  await expect(field(page, "Penutup")).not.toHaveValue("");
  // A basis has its details folded away, so it is found by its label alone.
  const main = page.getByRole("main");
  await expect(main.getByLabel("Nomor", { exact: true })).toHaveValue("005/1138/02");
  await expect(main.getByLabel("Penerbit", { exact: true })).toHaveValue(/Kementerian Dalam/);
  await expect(main.getByLabel("Tanggal", { exact: true })).toHaveValue("1 Juli 2019");
  await expect(main.getByRole("textbox", { name: /^Hasil \d+$/ })).toHaveCount(10);
  await expectSafety(page, "Di server");

  await page.goto(`${page.url()}/cetak`);
  await expect(main).toContainText(/PENDAHULUAN.*KEGIATAN YANG DILAKSANAKAN.*HASIL YANG DICAPAI.*PENUTUP/is);
});

const refused = [
  { name: "an empty file", content: Buffer.of(), says: "Isinya kosong" },
  { name: "a binary file", content: Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"), says: "bukan teks" },
  { name: "a text that is no report", content: Buffer.from("Halo.\n"), says: "Tidak ada bagian laporan" },
  { name: "a file over five megabytes", content: Buffer.alloc(5_500_000, "a "), says: "5" },
];

test("a file that is no report is refused with a sentence, and nothing else stops", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  await page.goto(`${world.relay.url}/laporan/impor`);
  for (const { name, content, says } of refused) {
    await test.step(name, async () => {
      const file = { name: "berkas.md", mimeType: "text/markdown", buffer: content };
      await page.getByLabel("Pilih berkas").setInputFiles(file);
      const alert = page.getByRole("alert").filter({ hasText: "Laporan belum dapat diimpor" });
      await expect(alert).toContainText(says);
      await expect(alert).toContainText("Tidak ada yang berubah pada pekerjaan Anda.");
    });
  }
  await page.getByLabel("Pilih berkas").setInputFiles(report);
  await expect(page.getByRole("button", { name: "Buat laporan ini" })).toBeVisible();
});

test("a pasted text that is no report stays where it was pasted, and can be mended there", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  await page.goto(`${world.relay.url}/laporan/impor`);
  const pasted = page.getByLabel("Tempel teks laporan");
  await pasted.fill("Bukan laporan.");
  await page.getByRole("button", { name: "Baca teks" }).click();
  const refusal = page.getByRole("alert").filter({ hasText: "Laporan belum dapat diimpor" });
  await expect(refusal).toBeInViewport();
  await expect(refusal, "it is no file").not.toContainText(/berkas/i);
  await expect(pasted).toHaveValue("Bukan laporan.");
  await pasted.fill("LAPORAN HASIL PERJALANAN DINAS\n\nIV. PENUTUP\n\nDemikian laporan ini.");
  await page.getByRole("button", { name: "Baca teks" }).click();
  await expect(page.getByRole("button", { name: "Buat laporan ini" })).toBeVisible();
});
