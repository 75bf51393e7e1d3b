// Lists and the first minute: what is asked stays asked, what is on the screen is found, one press begins one thing.

import { act } from "../world/actions.js";
import { begin, expectAllReceived, expectSafety, field, report, write } from "../world/record.js";
import { PHONE, go } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const rows = (page) => page.getByRole("main").locator("tbody tr");
/** How many rows a list has, once it says its whole count: right after a load, more may be on their way. */
const countRows = async (page) => {
  await expect(rows(page).first()).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: /^\d+( dari \d+)? (laporan|kerja sama|rencana aksi)\D*$/ })).not.toHaveText(/diterima/);
  return rows(page).count();
};
const search = (page, list) => page.getByRole("searchbox", { name: `Cari dalam ${list}` });

test("words, filters and order of a list stand in its address and are there again after back and reload", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await expectAllReceived(page);
  await go(page, "/kerja-sama");
  const all = await countRows(page);
  await search(page, "kerja sama").fill("jepang");
  await page.getByText("Saring", { exact: true }).click();
  await page.getByLabel("Keadaan").selectOption({ label: "Konsep" });
  await page.getByLabel("Urutkan").selectOption({ label: "Judul" });
  await expect(page).toHaveURL(/\/kerja-sama\?q=jepang&status=konsep&urut=judul$/);
  const asked = async () => {
    await expect(search(page, "kerja sama")).toHaveValue("jepang");
    await expect(page.getByLabel("Urutkan")).toHaveValue("judul");
    await expect(page.locator(".filters-count")).toHaveText("1");
    return rows(page).allInnerTexts();
  };
  const found = await asked();
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(all);
  await page.reload();
  await expect.poll(asked).toEqual(found);
  await rows(page).first().getByRole("link").click();
  await expect(page.getByRole("tab", { name: "Ringkasan" })).toBeVisible();
  await page.goBack();
  await expect.poll(asked).toEqual(found);
  // Each list by itself, and typing is no step of its own.
  await go(page, "/laporan");
  await expect(search(page, "laporan")).toHaveValue("");
  await page.goBack();
  await asked();
});

test("what ends soon is shown alone by the link beside it", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Kerja sama baru");
  await field(page, "Judul kerja sama").fill("Hampir usai");
  const soon = new Date(Date.now() + 100 * 24 * 3_600_000).toISOString().slice(0, 10);
  await field(page, "Berakhir").fill(soon);
  await field(page, "Berakhir").blur();
  await expectSafety(page, "Di server");
  await go(page, "/");
  const section = page.getByRole("region", { name: "Segera berakhir" });
  await expect(section.getByRole("link", { name: "Hampir usai" })).toBeVisible();
  const shown = await section.getByRole("listitem").count();
  await section.getByRole("link", { name: "Lihat semua" }).click();
  await expect(page).toHaveURL(/berakhir=dalam-12-bulan/);
  await expect(page.getByRole("link", { name: "Hampir usai" })).toBeVisible();
  expect(await countRows(page)).toBeGreaterThanOrEqual(shown);
  await expect(page.getByRole("status").filter({ hasText: /dari \d+ kerja sama/ })).toBeVisible();
});

test("what stands on the screen is found in each form, with its place", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await field(page, "Judul kegiatan").fill("Kunjungan kerja");
  await field(page, "Nomor laporan").fill("005/1138/02");
  await field(page, "Tanggal mulai").fill("10 Juli 2011");
  await field(page, "Kesimpulan").fill("Lokakarya TanjungSimpul di Kyōto, Jum'at, senilai Rp1.987.000");
  await field(page, "Kesimpulan").blur();
  await expectSafety(page, "Di server");
  await go(page, "/cari");
  const words = page.getByRole("searchbox", { name: "Kata yang dicari" });
  const row = page.getByRole("main").locator("a.row", { hasText: "Kunjungan kerja" });
  for (const [question, marked] of [
    ["1987000", "1.987.000"],
    ["Rp1.987.000", "1.987.000"],
    ["karya", "karya"],
    ["jumat", "Jum'at"],
    ["kyoto", "Kyōto"],
    ["138", "138"],
    ["10-7-2011", "10 Juli 2011"],
    ["Juli 2011", "Juli 2011"],
  ]) {
    await words.fill(question);
    await expect(row, question).toBeVisible();
    await expect(row.locator("mark").first(), question).toHaveText(marked);
  }
  await expect(page).toHaveURL(/\/cari\?q=Juli%202011$/);
  await words.fill("11-7-2011");
  await expect(row).toHaveCount(0);
});

test("a double click and a held Enter begin one thing, and press nothing that comes under the pointer", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await expectAllReceived(page);
  await go(page, "/laporan");
  const count = async () => {
    await go(page, "/laporan");
    return countRows(page);
  };
  const before = await count();
  const isOneRecord = async (already) => {
    await expect(page).toHaveURL(/\/laporan\/\w{20,}$/);
    await expect(field(page, "Judul kegiatan")).toBeVisible();
    await expect(page.getByRole("dialog").filter({ visible: true })).toHaveCount(0);
    await expectSafety(page, "Di server");
    await expect.poll(count).toBe(already + 1);
  };
  await page.getByRole("main").getByRole("button", { name: "Laporan baru" }).dblclick();
  await isOneRecord(before);

  await test.step("a record of each kind, from its list and from the dialog of all", async () => {
    for (const [list, what, address] of [
      ["/kerja-sama", "Kerja sama baru", /\/kerja-sama\/\w{20,}$/],
      ["/rencana-aksi", "Rencana aksi baru", /\/rencana-aksi\/\w{20,}$/],
    ]) {
      const beside = async () => {
        await go(page, list);
        return countRows(page);
      };
      const already = await beside();
      await page.getByRole("main").getByRole("button", { name: what }).dblclick();
      await expect(page).toHaveURL(address);
      await expectSafety(page, "Di server");
      await expect.poll(beside).toBe(already + 1);
      await page.getByRole("button", { name: "Buat baru" }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: what }).dblclick();
      await expect(page).toHaveURL(address);
      await expectSafety(page, "Di server");
      await expect.poll(beside).toBe(already + 2);
    }
    await go(page, "/laporan");
  });

  await page.getByRole("main").getByRole("button", { name: "Laporan baru" }).focus();
  for (let times = 0; times < 6; times += 1) await page.keyboard.down("Enter");
  await expect(field(page, "Judul kegiatan")).toBeVisible();
  for (let times = 0; times < 3; times += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await isOneRecord(before + 1);

  await go(page, "/laporan/impor");
  await page.getByLabel("Pilih berkas").setInputFiles(report);
  await page.getByRole("button", { name: "Buat laporan ini" }).dblclick();
  await isOneRecord(before + 2);

  await rows(page).first().getByRole("link").click();
  const texts = page.getByRole("main").getByRole("textbox", { name: "Uraian", exact: true });
  await expect(texts.first()).toBeVisible();
  const bases = await texts.count();
  await page.getByRole("button", { name: "Tambah dasar" }).dblclick();
  await page.getByRole("button", { name: "Tambah dasar" }).focus();
  for (let times = 0; times < 4; times += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await expect(texts).toHaveCount(bases + 2);
  await expect(texts.last()).toHaveValue("");

  await test.step("the second press leaves the focus where the first has put it", async () => {
    await page.getByRole("button", { name: "Tambah hasil", exact: true }).dblclick();
    const results = page.getByRole("main").getByRole("textbox", { name: /^Hasil \d+$/ });
    await expect(results.last()).toBeFocused();
    await page.keyboard.type("Disepakati.");
    await expect(results.last()).toHaveValue("Disepakati.");
    await results.last().dblclick({ position: { x: 30, y: 15 } });
    const chosen = () => results.last().evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
    expect(await chosen(), "in a text two presses choose a word").toBe("Disepakati");
  });
});

test("a new device of a reader says of no list that it is empty, names whose a record is, and offers nothing that refuses", async ({
  world,
}) => {
  const device = await world.device("dewi", { viewport: PHONE });
  await device.context.addInitScript(() => {
    window.said = [];
    const look = () => {
      const text = document.body?.innerText ?? "";
      for (const empty of text.match(/Belum ada [^\n]*|Mulai dari satu laporan/g) ?? []) window.said.push(empty);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const page = await device.tab("/rencana-aksi");
  const account = world.account("reader");
  await page.getByLabel("Nama pengguna").fill(account.user);
  await page.getByLabel("Kata sandi", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(rows(page).first()).toBeVisible();
  expect(await page.evaluate(() => window.said)).toEqual([]);
  await expect(rows(page).first()).toContainText("Kabupaten Tanjung Simpul");

  await go(page, "/");
  await expect(page.getByRole("main").getByText("Kabupaten Tanjung Simpul").first()).toBeVisible();
  for (const address of ["/", "/laporan", "/kerja-sama", "/rencana-aksi", "/laporan/impor"]) {
    await go(page, address);
    for (const name of [/baru$/, "Buat baru", "Impor", "Baca teks", "Buat laporan ini"]) {
      await expect(page.getByRole("button", { name }), `${name} on ${address}`).toHaveCount(0);
    }
  }
  await go(page, "/laporan");
  await rows(page).first().getByRole("link").click();
  await expect(page.getByRole("tab", { name: "Lihat", selected: true })).toBeVisible();
  await expect(page.locator(".paper")).toBeVisible();
  for (const name of ["Ajukan", "Tambah dasar", /^Saya sendiri/, /^Hari ini/]) {
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  }
});

test("what is exported is called after its record", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  const exports = async (entry) => {
    const coming = page.waitForEvent("download");
    await act(page, entry);
    return (await coming).suggestedFilename();
  };
  for (const [what, label, kind] of [
    ["Laporan baru", "Judul kegiatan", "Laporan"],
    ["Kerja sama baru", "Judul kerja sama", "Kerja sama"],
    ["Rencana aksi baru", "Judul rencana aksi", "Rencana aksi"],
  ]) {
    await begin(page, what);
    await expect(field(page, label)).toBeVisible();
    expect(await exports("Ekspor data"), what).toBe(`${kind}.automerge`);
    await write(page, label, "Rapat 10/7: Kyōto");
    expect(await exports("Ekspor data"), what).toBe("Rapat 10 7 Kyōto.automerge");
    if (kind === "Laporan") expect(await exports("Ekspor teks")).toBe("Rapat 10 7 Kyōto.md");
  }
});

test("who decides opens the page of a report, and who writes its form", async ({ world }) => {
  for (const [user, side] of [["ketut", "Lihat"], ["sri", "Tulis"]]) {
    const { page } = await world.signedIn(user, { viewport: PHONE });
    await go(page, "/laporan");
    await rows(page).first().getByRole("link").click();
    await expect(page.getByRole("tab", { name: side, selected: true })).toBeVisible();
  }
});

test("a text without numbers says that its results became one, shows all that was read, and a Word file what to do", async ({
  world,
}) => {
  const { page } = await world.signedIn("sri", { viewport: PHONE });
  await go(page, "/laporan/impor");
  const file = { name: "laporan.docx", mimeType: "application/octet-stream", buffer: Buffer.from("504b0304aaaa", "hex") };
  await page.getByLabel("Pilih berkas").setInputFiles(file);
  await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toContainText("Teks Biasa (.txt)");
  const text = "III. HASIL YANG DICAPAI\n\nSatu.\nDua.\nTiga.\n\nKESIMPULAN\n\nBaik.\n\nTEMBUSAN:\n\nSekda\n";
  await page.getByLabel("Tempel teks laporan").fill(text);
  await page.getByRole("button", { name: "Baca teks" }).click();
  await expect(page.getByRole("heading", { name: "Yang terbaca" })).toBeInViewport();
  await expect(page.getByText("terbaca sebagai satu hasil")).toBeVisible();
  const read = page.getByRole("region", { name: "Yang terbaca" });
  for (const said of ["Kesimpulan", "Baik.", "Tembusan", "Sekda"]) await expect(read).toContainText(said);
});
