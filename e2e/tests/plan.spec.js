// Several offices fill in one plan at the same time, without a network, and nobody's words are lost.

import { begin, expectSafety } from "../world/record.js";
import { expect, test } from "../world/test.js";

const cell = (page, column, row) => page.getByRole("textbox", { name: `${column}, baris ${row}`, exact: true });

async function fill(page, column, row, words) {
  await cell(page, column, row).fill(words);
  await cell(page, column, row).blur();
}

async function append(page, column, row, words) {
  await cell(page, column, row).focus();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type(words);
  await cell(page, column, row).blur();
}

/** What every cell of the grid holds, row by row. */
const grid = (page) =>
  page
    .getByRole("table", { name: "Butir rencana aksi" })
    .locator("tbody :is(textarea, input, select)")
    .evaluateAll((cells) => cells.map((cell) => (cell.type === "checkbox" ? cell.checked : cell.value)));

const tool = (page, name) => page.getByRole("button", { name, exact: true });

test("two offices edit one plan offline, and both end with everything that either wrote", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Rencana aksi baru");
  for (const [index, activity] of ["Satu", "Dua", "Tiga", "Empat", "Lima"].entries()) {
    await sri.getByRole("button", { name: "Tambah butir", exact: true }).click();
    await fill(sri, "Kegiatan", index + 1, activity);
  }
  await expectSafety(sri, "Di server");
  const { device, page: first } = await world.signedIn("budi");
  await first.close();
  const budi = await device.tab(new URL(sri.url()).pathname);
  await expect(cell(budi, "Kegiatan", 5)).toHaveValue("Lima");

  await world.pullThePlug();
  await test.step("different cells, the same text, the same fact", async () => {
    await fill(sri, "Keluaran", 1, "naskah");
    await fill(budi, "Satuan", 1, "dokumen");
    await append(sri, "Kegiatan", 2, " siang");
    await append(budi, "Kegiatan", 2, " malam");
    await fill(sri, "Pagu", 3, "1.000.000");
    await fill(budi, "Pagu", 3, "2.000.000");
  });
  await test.step("one edits what the other moves, and what the other removes", async () => {
    await fill(budi, "Keluaran", 4, "diisi Budi");
    await fill(budi, "Keluaran", 5, "tetap ada");
    await tool(sri, "Turunkan butir 4").click();
    await expect(cell(sri, "Kegiatan", 4)).toHaveValue("Lima");
    await tool(sri, "Hapus butir 4").click();
    await expect(cell(sri, "Kegiatan", 4)).toHaveValue("Empat");
  });
  await expectSafety(sri, "Di perangkat ini");
  await expectSafety(budi, "Di perangkat ini");
  await world.plugIn();

  for (const page of [sri, budi]) {
    await expectSafety(page, "Di server");
    await expect(cell(page, "Keluaran", 1)).toHaveValue("naskah");
    await expect(cell(page, "Satuan", 1)).toHaveValue("dokumen");
    await expect(cell(page, "Kegiatan", 2)).toHaveValue(/siang/);
    await expect(cell(page, "Kegiatan", 2)).toHaveValue(/malam/);
    await expect(cell(page, "Kegiatan", 4)).toHaveValue("Empat");
    await expect(cell(page, "Keluaran", 4)).toHaveValue("diisi Budi");
    await expect(cell(page, "Kegiatan", 5)).toHaveCount(0);
    await expect(page.getByText("Diubah orang lain sesudah dihapus")).toHaveCount(1);
  }
  expect(await grid(sri)).toEqual(await grid(budi));

  await test.step("the removed line comes back with what was written in it meanwhile", async () => {
    await budi.getByText("Dihapus: 1").click();
    await budi.getByRole("button", { name: /^Pulihkan/ }).click();
    await expect.poll(() => grid(sri)).toContain("tetap ada");
  });

  await test.step("the fact that both set is settled on both by one choice", async () => {
    await expect(tool(budi, "Perlu dipilih")).toBeVisible();
    await tool(sri, "Perlu dipilih").click();
    const choice = sri.getByRole("dialog");
    await expect(choice).toContainText("Sri Wahyuni");
    await expect(choice).toContainText("Budi Santosa");
    await expect(choice).toContainText("2.000.000");
    await choice.getByRole("listitem").filter({ hasText: "1.000.000" }).getByRole("button", { name: "Pilih ini" }).click();
    for (const page of [sri, budi]) {
      await expect(page.getByRole("button", { name: "Perlu dipilih", includeHidden: true })).toHaveCount(0);
      await expect.poll(() => grid(page)).toContain("1.000.000");
    }
    await expect.poll(() => grid(budi)).toEqual(await grid(sri));
  });
});
