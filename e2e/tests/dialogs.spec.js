// What opens over a screen, and what a screen says in trouble: no finding of axe, no wider than a phone, named and left by keyboard.

import { expectAccessible } from "../world/accessible.js";
import { begin, expectSafety, field, open, report } from "../world/record.js";
import { act } from "../world/actions.js";
import { DESKTOP, PHONE, go } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");
const dialog = (page, name) => page.getByRole("dialog", { name });

/** A dialog that is open: named, in the window, the focus in it; Escape leaves it and gives the focus back. */
async function expectGood(page, name) {
  const shown = dialog(page, name);
  await expect(shown).toBeVisible();
  expect(await shown.evaluate((node) => node.contains(document.activeElement)), `the focus is in ${name}`).toBe(true);
  await expectAccessible(page, `${name}, ${page.viewportSize().width} px`);
  const box = await shown.boundingBox();
  expect(box.x >= 0 && box.x + box.width <= page.viewportSize().width, `${name} is in the window`).toBe(true);
  return shown;
}

async function leave(page, shown) {
  await page.keyboard.press("Escape");
  await expect(shown).toBeHidden();
  expect(await page.evaluate(() => document.activeElement !== document.body), "the focus is where it was").toBe(true);
}

for (const viewport of [PHONE, DESKTOP]) {
  test(`every dialog passes axe, is named and is left by Escape at ${viewport.width} px`, async ({ world }) => {
    test.setTimeout(120_000);
    const { page } = await world.signedIn("sri", { viewport });
    const isPhone = viewport.width < 500;
    if (!isPhone) {
      await page.getByRole("button", { name: "Buat baru" }).first().click();
      await leave(page, await expectGood(page, /Buat baru|Mulai/));
      await page.getByRole("heading", { level: 1 }).first().click();
      await page.keyboard.press("?");
      await leave(page, await expectGood(page, "Pintasan papan tik"));
    }
    await page.getByRole("button", { name: "Rincian sambungan" }).click();
    await leave(page, await expectGood(page, "Sambungan dan penyimpanan"));

    // A record that was submitted and written in since, so that there is something to compare.
    if (isPhone) await main(page).getByRole("button", { name: "Kerja sama baru" }).click();
    else await begin(page, "Kerja sama baru");
    await field(page, "Judul kerja sama").fill("Sleman dan Kyoto");
    await page.getByLabel("Jenis kerja sama").selectOption("sister-city");
    await field(page, "Mitra").fill("Kota Kyoto");
    await field(page, "Catatan").fill("Rapat pertama.");
    await field(page, "Catatan").blur();
    await expectSafety(page, "Di server");
    await main(page).getByRole("button", { name: "Ajukan", exact: true }).click();
    const asked = await expectGood(page, /Ajukan/);
    await asked.getByLabel("Catatan").fill("Mohon diperiksa.");
    await asked.getByRole("button", { name: "Ajukan", exact: true }).click();
    await field(page, "Catatan").fill("Rapat kedua.");
    await field(page, "Catatan").blur();
    await expectSafety(page, "Di server");
    await act(page, "Riwayat");
    const told = await expectGood(page, "Riwayat");
    await told.getByRole("listitem").filter({ hasText: "Ajukan" }).first().getByRole("button", { name: "Bandingkan dengan sekarang" }).click();
    const compared = await expectGood(page, /^Versi 1, diajukan/);
    await test.step("what was is above what is, where the screen is narrow, and each is marked", async () => {
      const [gone, come] = [compared.locator("del").first(), compared.locator("ins").first()];
      await expect(gone).toHaveText("pertama");
      await expect(come).toHaveText("kedua");
      const [was, is] = [await gone.boundingBox(), await come.boundingBox()];
      if (isPhone) expect(was.y, "under each other").toBeLessThan(is.y);
      else expect(was.x, "side by side").toBeLessThan(is.x);
    });
    for (const tab of await compared.getByRole("tab").all()) {
      await tab.click();
      await expectAccessible(page, `${await tab.innerText()} of an old version`);
    }
    await compared.getByRole("button", { name: "Tutup" }).click();
    await leave(page, told);
  });
}

test("a record in conflict, the result of an import and a grid in work pass axe on the phone and on a tablet", async ({ world }) => {
  test.setTimeout(120_000);
  const { page } = await world.signedIn("sri", { viewport: PHONE });
  await open(page, "Kerja sama", /Seattle/);
  await expect(main(page).getByRole("group", { name: /^Perlu dipilih/ }).first()).toBeAttached();
  for (const width of [PHONE.width, 1024]) {
    await page.setViewportSize({ width, height: 768 });
    await expectAccessible(page, `a conflict at ${width} px`);
  }
  await go(page, "/laporan/impor");
  await page.getByLabel("Pilih berkas").setInputFiles(report);
  await expect(page.getByRole("heading", { name: "Yang terbaca" })).toBeVisible();
  for (const width of [PHONE.width, 1024]) {
    await page.setViewportSize({ width, height: 768 });
    await expectAccessible(page, `what an import read at ${width} px`);
  }
});

test("the plan's grid reads as a grid in the screen reader's tree: headings, rows by number, cells by their words", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await open(page, "Rencana aksi", /./);
  const grid = page.getByRole("grid", { name: "Butir rencana aksi" });
  const first = grid.locator('[data-line="1"]');
  await expect(first).toBeVisible();
  const [activity] = await first.locator('[data-column="Kegiatan"] > .cell-text').allTextContents();
  const tree = await grid.ariaSnapshot();
  for (const heading of ["No.", "Bidang", "Kegiatan", "Pagu", "Status"]) expect(tree).toContain(`columnheader "${heading}`);
  expect(tree).toMatch(/- row /);
  expect(tree, "a cell is read by its words").toContain(activity);
  expect(tree).toMatch(/- gridcell /);
  await expect(grid).toHaveAttribute("aria-rowcount", /\d+/);
  await expect(grid).toHaveAttribute("aria-colcount", /\d+/);
  await expect(first).toHaveAttribute("aria-rowindex", /\d+/);

  // One stop for Tab; from there the arrows go, and what has the focus is a cell with a heading and words.
  expect(await grid.locator('[tabindex="0"]').count()).toBe(1);
  await grid.locator('[tabindex="0"]').focus();
  await page.keyboard.press("ArrowRight");
  const focused = await page.evaluate(() => document.activeElement.getAttribute("role"));
  expect(["gridcell", "rowheader", "columnheader"]).toContain(focused);
});
