// Cells of a plan of one line or a few: what stands in them unread, what is said beside them, and their lists.

import { cell, edit, editor, fill, grid, paste, words } from "../world/grid.js";
import { begin, expectSafety } from "../world/record.js";
import { expect, test } from "../world/test.js";

/** A plan of one line. */
async function oneLine(page) {
  await begin(page, "Rencana aksi baru");
  await page.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await fill(page, "Kegiatan", 1, "Pelatihan");
}

/** Goes to a cell, and not into it. */
async function goTo(page, column) {
  await cell(page, "Kegiatan", 1).click();
  await cell(page, column, 1).click();
  await expect(cell(page, column, 1)).toBeFocused();
}

const undo = (page) => page.getByRole("button", { name: "Urungkan", exact: true });

test("undoing what was done to cells brings back the texts that stood there unread, and doing it again takes them", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await oneLine(page);
  await fill(page, "Pagu", 1, "menyusul");
  await expect(words(page, "Pagu", 1)).toHaveText("menyusul");
  await test.step("a paste over it", async () => {
    await goTo(page, "Pagu");
    await paste(page, "5.000.000\tbelum ada");
    await expect(words(page, "Pagu", 1)).toHaveText("5.000.000");
    await expect(words(page, "Realisasi", 1)).toHaveText("belum ada");
    await page.keyboard.press("ControlOrMeta+z");
    await expect(words(page, "Pagu", 1)).toHaveText("menyusul");
    await expect(words(page, "Realisasi", 1)).toHaveText("");
    await page.keyboard.press("ControlOrMeta+y");
    await expect(words(page, "Pagu", 1)).toHaveText("5.000.000");
    await expect(words(page, "Realisasi", 1)).toHaveText("belum ada");
    await undo(page).first().click();
    await expect(words(page, "Pagu", 1), "by the button too").toHaveText("menyusul");
    await expect(words(page, "Realisasi", 1)).toHaveText("");
  });
  await test.step("one of which nothing can be read is a step of its own", async () => {
    await goTo(page, "Pagu");
    await paste(page, "kira-kira 5");
    await expect(words(page, "Pagu", 1)).toHaveText("kira-kira 5");
    await page.getByRole("status").getByRole("button", { name: "Urungkan" }).last().click();
    await expect(words(page, "Pagu", 1)).toHaveText("menyusul");
    await expect(words(page, "Kegiatan", 1), "and what was written before stays").toHaveText("Pelatihan");
  });
  await test.step("emptying", async () => {
    await goTo(page, "Pagu");
    await page.keyboard.press("Delete");
    await expect(words(page, "Pagu", 1)).toHaveText("");
    await page.keyboard.press("ControlOrMeta+z");
    await expect(words(page, "Pagu", 1)).toHaveText("menyusul");
  });
  await test.step("what was typed there since goes first, and no value changes beneath it", async () => {
    await goTo(page, "Pagu");
    await paste(page, "5.000.000");
    await fill(page, "Pagu", 1, "lihat DPA");
    await cell(page, "Kegiatan", 1).click();
    await page.keyboard.press("ControlOrMeta+z");
    await expect(words(page, "Pagu", 1)).toHaveText("5.000.000");
    await page.keyboard.press("ControlOrMeta+z");
    await expect(words(page, "Pagu", 1)).toHaveText("menyusul");
    await page.keyboard.press("ControlOrMeta+y");
    await expect(words(page, "Pagu", 1)).toHaveText("5.000.000");
    await page.keyboard.press("ControlOrMeta+y");
    await expect(words(page, "Pagu", 1)).toHaveText("lihat DPA");
  });
  await test.step("typing a value over it", async () => {
    await fill(page, "Pagu", 1, "6.000.000");
    await expect(words(page, "Pagu", 1)).toHaveText("6.000.000");
    await page.keyboard.press("ControlOrMeta+z");
    await expect(words(page, "Pagu", 1)).toHaveText("lihat DPA");
  });
  await page.reload();
  await expect(words(page, "Pagu", 1), "over a reload too").toHaveText("lihat DPA");
});

test("filling down gives the text that is seen in a cell, and not the value beneath it", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await oneLine(page);
  await goTo(page, "Keluaran");
  await paste(page, "Laporan\nDokumen");
  await fill(page, "Target", 1, "2000000");
  await expect(words(page, "Target", 1), "its thousands are apart, and it breaks nowhere else").toHaveText("2.000.000");
  await expect(words(page, "Target", 1).locator("wbr")).toHaveCount(3);
  await fill(page, "Pagu", 1, "64.500.000");
  await fill(page, "Pagu", 2, "1.111.111");
  await fill(page, "Pagu", 1, "9 juta lebih");
  await cell(page, "Pagu", 2).click();
  await page.keyboard.press("ControlOrMeta+d");
  await expect(words(page, "Pagu", 2)).toHaveText("9 juta lebih");
  await expect(page.getByText(/2 isian belum terbaca/).first()).toBeVisible();
  await page.getByRole("searchbox", { name: "Cari dalam butir" }).fill("juta lebih");
  await expect(page.getByRole("search").getByRole("status")).toContainText("dari 2");
  await page.getByRole("searchbox", { name: "Cari dalam butir" }).fill("");
  await cell(page, "Pagu", 2).click();
  await page.keyboard.press("ControlOrMeta+z");
  await expect(words(page, "Pagu", 2)).toHaveText("1.111.111");
  await expect(words(page, "Pagu", 1)).toHaveText("9 juta lebih");
});

test("in a plan of one line nothing that a cell says is cut off, its total stays, and no notice covers it", async ({ world }) => {
  const { page } = await world.signedIn("sri", { viewport: { width: 1280, height: 720 } });
  await oneLine(page);
  await fill(page, "Pagu", 1, "12.345.678.900");
  const total = grid(page).getByRole("row", { name: /^Jumlah/ });
  await expect(total.getByText("12.345.678.900")).toBeVisible();
  await test.step("a number stands in one row", async () => {
    const box = await total.getByText("12.345.678.900").boundingBox();
    const one = await total.evaluate((row) => parseFloat(getComputedStyle(row.cells[1]).lineHeight));
    const range = await total.evaluate((row) => {
      const range = document.createRange();
      range.selectNodeContents(row.cells[1]);
      return range.getBoundingClientRect().toJSON();
    });
    expect(range.height).toBeLessThan(one * 1.5);
    expect(range.right, "inside its cell").toBeLessThanOrEqual(box.x + box.width + 1);
    expect(range.left, "inside its cell").toBeGreaterThanOrEqual(box.x - 1);
  });
  const field = await edit(page, "Pagu", 1);
  await field.fill("1,500,000");
  await field.press("Enter");
  await edit(page, "Pagu", 1);
  const message = grid(page).getByRole("alert").filter({ visible: true });
  await expect(message).toContainText("Belum jelas arti tanda di antara angka");
  const reading = grid(page).getByRole("group", { name: /^Yang dimaksud/ }).getByRole("button").first();
  for (const [what, part] of [["message", message], ["readings", reading]]) {
    const seen = await part.evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const at = (x, y) => element.contains(document.elementFromPoint(x, y));
      return [at(left + 3, top + 3), at(right - 3, top + 3), at((left + right) / 2, bottom - 3)];
    });
    expect(seen, `the ${what} in sight`).toEqual([true, true, true]);
  }
  await expect(total.getByText("12.345.678.900"), "the total stands still").toBeVisible();
  await test.step("a notice comes where no cell is", async () => {
    await editor(page, "Pagu", 1).press("Escape");
    await cell(page, "Realisasi", 1).click();
    await paste(page, "belum ada");
    const notice = page.locator(".notice-toast").first();
    await expect(notice).toBeVisible();
    const [over, table] = [await notice.boundingBox(), await grid(page).boundingBox()];
    expect(over.y + over.height).toBeLessThanOrEqual(table.y);
  });
});

test("a letter chooses from the list of a status and from a menu, as in any list", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await oneLine(page);
  await cell(page, "Status", 1).click();
  await page.keyboard.press("s");
  await expect(editor(page, "Status", 1)).toHaveValue("done");
  await page.keyboard.press("Escape");
  await expect(words(page, "Status", 1)).toHaveText("Selesai");
  await page.keyboard.press("t");
  await page.keyboard.press("Escape");
  await expect(words(page, "Status", 1)).toHaveText("Tertunda");
  await expectSafety(page, "Di server");
  await page.getByRole("button", { name: "Tindakan baris 1", exact: true }).click();
  await page.keyboard.press("h");
  await expect(page.getByRole("menuitem", { name: "Hapus butir 1" })).toBeFocused();
  await page.keyboard.press("Escape");
});
