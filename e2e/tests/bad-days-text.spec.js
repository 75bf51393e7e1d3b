// Bad days of a text: too much pasted at once, and files that are no report.

import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const LINE = "Rapat koordinasi membahas kerja sama kota kembar dan rencana aksinya.\n";

/** Text of about so many bytes. */
const text = (bytes) => LINE.repeat(Math.ceil(bytes / LINE.length)).slice(0, bytes);

/** Pastes at the end of a field, from the clipboard. */
async function paste(page, label, words) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate((words) => navigator.clipboard.writeText(words), words);
  await field(page, label).focus();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ControlOrMeta+V");
}

test("a paste of 2 MB is refused in a sentence, the field keeps what was typed, and the page goes on", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await writeOn(page, "Kegiatan yang dilaksanakan", "Diketik sebelumnya.");
  await paste(page, "Kegiatan yang dilaksanakan", text(2_000_000));
  await expect(page.getByText("Bila Anda menempelkan teks yang sangat panjang, bagilah menjadi beberapa bagian.")).toBeVisible();
  // What is not stored is not shown as if it were. By its length: a failure would print 2 MB.
  const length = () => field(page, "Kegiatan yang dilaksanakan").evaluate((area) => area.value.length);
  await expect.poll(length).toBe("Diketik sebelumnya.".length);

  await writeOn(page, "Kegiatan yang dilaksanakan", " Diketik sesudahnya.");
  await writeOn(page, "Penutup", "Bidang lain pun.");
  await expectSafety(page, "Di server");
  await page.reload();
  await expect(field(page, "Kegiatan yang dilaksanakan")).toHaveValue("Diketik sebelumnya. Diketik sesudahnya.");
  await expect(field(page, "Penutup")).toHaveValue("Bidang lain pun.");
});

test("a paste of 200 KB is split into changes that the relay takes, and another person reads all of it", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  const long = text(200_000);
  await writeOn(page, "Kegiatan yang dilaksanakan", "Awal. ");
  await paste(page, "Kegiatan yang dilaksanakan", long);
  await expectSafety(page, "Di server", { timeout: 60_000 });
  const { device } = await world.signedIn("budi");
  const theirs = await device.tab(new URL(page.url()).pathname);
  await expect(field(theirs, "Kegiatan yang dilaksanakan")).toHaveValue(`Awal. ${long}`, { timeout: 30_000 });
});

const FILES = [
  { name: "that is no report", buffer: Buffer.from("# Resep\n\nRebus air, lalu masukkan mi.\n"), sentence: "Tidak ada bagian laporan yang dikenali di sini" },
  { name: "that is empty", buffer: Buffer.alloc(0), sentence: "Isinya kosong" },
  { name: "of 5 MB", buffer: Buffer.from(text(5_000_000)), sentence: "yang dapat dibaca paling besar" },
  { name: "that is binary", buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe, 0, 1, 2]), sentence: "Isinya bukan teks" },
];

test("a file that cannot be imported gets the sentence that fits, nothing is made of it, and the next one is read", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  const origin = new URL(page.url()).origin;
  const reports = async () => {
    await page.goto(`${origin}/laporan`);
    const links = page.getByRole("main").locator('a[href^="/laporan/"]:not([href$="/impor"])');
    await expect(links.first()).toBeVisible();
    return links.count();
  };
  const before = await reports();
  await page.goto(`${origin}/laporan/impor`);
  for (const { name, buffer, sentence } of FILES) {
    await test.step(`a file ${name}`, async () => {
      await page.locator('input[type="file"]').setInputFiles({ name: "laporan.md", mimeType: "text/markdown", buffer });
      await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText(sentence);
      await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText("Tidak ada yang berubah pada pekerjaan Anda.");
      await expect(page.getByRole("button", { name: "Buat laporan ini" })).toHaveCount(0);
    });
  }
  const good = Buffer.from("# LAPORAN\n\n## PENUTUP\n\nDemikian laporan ini.\n");
  await page.locator('input[type="file"]').setInputFiles({ name: "laporan.md", mimeType: "text/markdown", buffer: good });
  await expect(page.getByRole("button", { name: "Buat laporan ini" })).toBeVisible();
  expect(await reports()).toBe(before);
});
