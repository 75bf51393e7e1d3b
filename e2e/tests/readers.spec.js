// Who may only read is offered nothing that would be refused, wherever they look.

import { act } from "../world/actions.js";
import { cell, editor, grid, paste, words } from "../world/grid.js";
import { begin, expectSafety, field, write } from "../world/record.js";
import { PHONE, go } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");
/** What a button is called that changes something. */
const CHANGES = /^(Tambah|Catat|Ajukan|Setujui|Kembalikan|Verifikasi|Arsipkan|Hapus|Buang|Pulihkan|Urungkan|Ulangi|Sisipkan|Isi ke bawah|Saya sendiri|Hari ini|Pilih ini|Impor)/;

/** No button that changes something can be pressed, on the screen or in the record's menu. */
async function expectOffersNothing(page, name) {
  for (const button of await page.getByRole("button", { name: CHANGES }).filter({ visible: true }).all()) {
    await expect.soft(button, `${name}: ${await button.innerText()}`).toBeDisabled();
  }
  const actions = page.getByRole("button", { name: "Tindakan", exact: true });
  if (!(await actions.isVisible())) return;
  await actions.click();
  await expect(page.getByRole("menuitem", { name: "Riwayat", exact: true })).toBeVisible();
  await expect.soft(page.getByRole("menuitem", { name: CHANGES }), name).toHaveCount(0);
  const said = await page.getByRole("menuitem").allInnerTexts();
  expect.soft(said.join(" "), "a menu speaks of the office's things").not.toMatch(/Automerge|Markdown|[0-9a-f]{8}/);
  await page.keyboard.press("Escape");
}

for (const viewport of [PHONE, { width: 1280, height: 800 }]) {
  test(`a reader finds no button that refuses in any record, in the bin or in its menus at ${viewport.width} px`, async ({ world }) => {
    const { page: sri } = await world.signedIn("sri");
    await begin(sri, "Laporan baru");
    await write(sri, "Judul kegiatan", "Laporan yang dibuang");
    await expectSafety(sri, "Di server");
    await act(sri, "Buang ke tempat sampah");
    await expectSafety(sri, "Di server");
    const { page } = await world.signedIn("dewi", { viewport });
    for (const list of ["/laporan", "/kerja-sama", "/rencana-aksi"]) {
      await go(page, list);
      await main(page).locator("tbody tr").first().getByRole("link").click();
      await expect(page.getByRole("button", { name: "Tindakan", exact: true })).toBeVisible();
      for (const tab of await main(page).getByRole("tab").all()) {
        await tab.click();
        await expectOffersNothing(page, `${list}, ${await tab.innerText()}`);
      }
      await expectOffersNothing(page, list);
      for (const box of await main(page).getByRole("textbox").filter({ visible: true }).all()) {
        await expect.soft(box, `${list}: ${await box.getAttribute("aria-label")}`).not.toBeEditable();
      }
    }
    await go(page, "/tempat-sampah");
    await expect(main(page).getByText("Laporan yang dibuang")).toBeVisible();
    await expectOffersNothing(page, "the bin");
  });
}

test("a reader's keys, presses and pastes change nothing in a plan's grid, which tells them no key that writes", async ({ world }) => {
  const { page } = await world.signedIn("dewi");
  await go(page, "/rencana-aksi");
  await main(page).locator("tbody tr").first().getByRole("link").click();
  // The page comes first to who reads.
  await page.getByRole("tab", { name: "Isian" }).click();
  await expect(words(page, "Kegiatan", 1)).not.toHaveText("");
  await expect(main(page).getByText(/^Panah berpindah sel/)).not.toContainText(/mengisi|Tempel|membuat/);
  const before = await words(page, "Kegiatan", 1).innerText();
  const rows = await grid(page).getAttribute("aria-rowcount");
  await cell(page, "Kegiatan", 1).dblclick();
  await page.keyboard.type("Bukan hak saya");
  await expect(editor(page, "Kegiatan", 1)).toHaveCount(0);
  await paste(page, "Tempelan\nDua");
  for (const keys of ["Delete", "ControlOrMeta+d", "Alt+ArrowDown", "Enter"]) await page.keyboard.press(keys);
  await expect(words(page, "Kegiatan", 1)).toHaveText(before);
  await expect(grid(page)).toHaveAttribute("aria-rowcount", rows);
  await grid(page).getByRole("button", { name: "Tindakan baris 1", exact: true }).click();
  await expect(page.getByRole("menuitem")).toHaveText(["Semua isian baris 1"]);
  await page.keyboard.press("Escape");
});

test("a reader is told of what is missing or contended what it means to them, and asked for nothing", async ({ world }) => {
  const { device, page: sri } = await world.signedIn("sri");
  await begin(sri, "Kerja sama baru");
  await write(sri, "Judul kerja sama", "Sleman dan Kyoto");
  await expectSafety(sri, "Di server");
  const address = new URL(sri.url()).pathname;
  const { device: other, page: budi } = await world.signedInAt("budi", address);
  const { page: dewi } = await world.signedInAt("dewi", address);
  const checklist = (page) => main(page).getByText(/\d+ hal belum diisi/);
  await expect(checklist(budi)).toBeVisible();
  await Promise.all([device.goOffline(), other.goOffline()]);
  await write(sri, "Pemrakarsa", "Bupati");
  await write(budi, "Pemrakarsa", "Gubernur");
  await Promise.all([device.goOnline(), other.goOnline()]);
  await expect(main(budi).getByText("Isian semua orang tetap disimpan sampai Anda memilih.")).toBeVisible({ timeout: 30_000 });
  await expect(main(dewi).getByText("Semuanya tetap disimpan sampai seorang penulis memilih.")).toBeVisible({ timeout: 30_000 });
  await expect(checklist(dewi)).toHaveCount(0);
  // The page comes first to who reads.
  await main(dewi).getByRole("tab", { name: "Ringkasan" }).click();
  const contended = main(dewi).getByRole("group", { name: "Perlu dipilih: Pemrakarsa" });
  await expect(contended.getByRole("listitem")).toHaveCount(2);
  await expect(contended).toContainText("Semuanya tetap disimpan sampai seorang penulis memilih.");
  await expect(contended.getByRole("button").filter({ visible: true })).toHaveCount(0);
  await expect(field(dewi, "Pemrakarsa")).not.toBeEditable();
});
