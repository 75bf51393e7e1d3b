// What is typed into a fact is what is stored: the whole text, or the old value with a sentence. Typed key by key, as a person
// does; which texts are read natively, in hundreds, stands in shared/tests/reading.rs.

import { Peer } from "../peer/client.js";
import { choose } from "../world/grid.js";
import { begin, expectSafety, field } from "../world/record.js";
import { go } from "../world/screens.js";
import { expect, test } from "../world/test.js";

/** A field of the line that is open in full. */
const cell = (page, column) => page.getByRole("dialog").getByRole("textbox", { name: column, exact: true });

/** Types in place of what stands in a field, and leaves it. */
async function type(input, text) {
  await input.focus();
  await input.press("ControlOrMeta+a");
  await input.press("Delete");
  await input.pressSequentially(text);
  await input.blur();
}

/** What stands around a field: its error, its readings. */
const around = (input) => input.locator("xpath=ancestor::div[contains(concat(' ', @class, ' '), ' field ')][1]");

async function expectTaken(input, cases) {
  for (const [text, shown] of cases) {
    await type(input, text);
    await expect(input, text).toHaveValue(shown);
    await expect(around(input).getByRole("alert"), text).toBeHidden();
  }
}

async function expectRefused(input, stored, cases) {
  for (const [text, sentence] of cases) {
    await type(input, text);
    await expect(input, text).toHaveValue(text.trim());
    await expect(around(input).getByRole("alert"), text).toContainText(sentence);
    await expect(around(input).getByRole("alert"), text).toContainText(stored);
  }
}

async function planWithOneLine(world) {
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Rencana aksi baru");
  await page.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await choose(page, 1, "Semua isian baris 1");
  return { device, page };
}

test("numbers and amounts are stored whole or not at all, whatever is typed on the way", async ({ world }) => {
  const { page } = await planWithOneLine(world);
  await test.step("progress", async () => {
    const progress = cell(page, "Kemajuan (%)");
    await expectTaken(progress, [["87.5", "87,5"], ["2.5", "2,5"], ["100", "100"], [".5", "0,5"]]);
    await expectRefused(progress, "Tersimpan: 0,5.", [
      ["12.34.5", "tidak terbaca sebagai satu angka"],
      ["1000", "paling banyak 100 persen"],
      ["150", "paling banyak 100 persen"],
      ["-5", "tidak boleh kurang dari nol"],
    ]);
    await expectTaken(progress, [["", ""]]);
  });
  await test.step("target", async () => {
    const target = cell(page, "Target");
    await expectTaken(target, [["1.5", "1,5"], ["87,5", "87,5"], ["2.5", "2,5"]]);
    await expectRefused(target, "Tersimpan: 2,5.", [
      ["1 5", "tidak terbaca sebagai satu angka"],
      ["3/4", "tidak terbaca sebagai satu angka"],
      ["60-70", "tidak terbaca sebagai satu angka"],
      ["1e3", "tidak terbaca sebagai satu angka"],
      ["1.5 paket", "tanpa kata lain"],
      ["-3", "tidak boleh kurang dari nol"],
    ]);
    await type(cell(page, "Satuan"), "orang");
    await expectTaken(target, [["61 orang", "61"]]);
  });
  await test.step("ceiling", async () => {
    const ceiling = cell(page, "Pagu");
    await expectTaken(ceiling, [["2.000.000", "2.000.000"]]);
    const stat = page.getByRole("main").getByRole("definition").filter({ hasText: "Rp" }).first();
    await expect(stat).toHaveText("Rp2.000.000");
    // What cannot be read counts with the value before it, and the sum says so.
    const total = stat.filter({ hasText: /^Rp2\.000\.000 *1 isian belum terbaca/ });
    for (const [text, sentence] of [
      ["1,500,000", "Belum jelas arti tanda di antara angka"],
      ["1'250'000", "Belum jelas arti tanda di antara angka"],
      ["1.25", "tanpa sen"],
      ["1250000.50", "tanpa sen"],
      ["1.250.000,5", "tanpa sen"],
      ["1.250.000 per orang", "tanpa kata lain"],
      ["-500", "tidak boleh kurang dari nol"],
    ]) {
      await expectRefused(ceiling, "Tersimpan: Rp2.000.000.", [[text, sentence]]);
      await expect(total, `the total after ${text}`).toBeVisible();
    }
    await expectTaken(ceiling, [
      ["15 juta", "15.000.000"],
      ["1,5 juta", "1.500.000"],
      ["Rp2,5 jt", "2.500.000"],
      ["RP 1.000.000", "1.000.000"],
      ["IDR 1.000.000", "1.000.000"],
      ["Rp. 1.250.000,-", "1.250.000"],
      ["1.000.000,--", "1.000.000"],
      ["Rp1,2 miliar", "1.200.000.000"],
      ["1 250 000", "1.250.000"],
      ["Rp\u00a01.250.000", "1.250.000"],
    ]);
    await expect(page.getByRole("main").getByText("Rp1.250.000", { exact: true }).first()).toBeVisible();
  });
});

test("sums are shown without sen, which no amount has", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Rencana aksi baru");
  await page.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await choose(page, 1, "Semua isian baris 1");
  await expectTaken(cell(page, "Pagu"), [["Rp1.250.000,00", "1.250.000"]]);
  await expect(page.getByRole("main").getByText("Rp1.250.000", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("main").getByText(",00")).toHaveCount(0);
});

test("dates stand in words, are read as offices write them, and else the old one stays", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  const start = field(page, "Tanggal mulai");
  await expectTaken(start, [
    ["2026/05/10", "10 Mei 2026"],
    ["2026.05.10", "10 Mei 2026"],
    ["20260510", "10 Mei 2026"],
    ["10 Agt 2019", "10 Agustus 2019"],
    ["1 Nop 2019", "1 November 2019"],
    ["1 Peb 2019", "1 Februari 2019"],
    ["10-Jul-2019", "10 Juli 2019"],
    ["10-VII-2019", "10 Juli 2019"],
    ["10/7/19", "10 Juli 2019"],
    ["3 October 2026", "3 Oktober 2026"],
    ["Rabu, 10 Juli 2019", "10 Juli 2019"],
  ]);
  await expectRefused(start, "Tersimpan: 10 Juli 2019.", [
    ["05-2026-10", "tidak terbaca"],
    ["2026/10/07x", "tidak terbaca"],
    ["10 Mei 2026 s.d. 12 Mei 2026", "untuk satu tanggal"],
    ["Mei 2026 minggu ke-2", "Minggu dalam bulan"],
    ["10 Mei 2026, Senin", "tidak cocok"],
    ["1447 H", "Hijriah"],
  ]);
  await test.step("what is pasted is read as what is typed", async () => {
    await start.press("ControlOrMeta+a");
    await page.keyboard.insertText("10-VII-2019\u00a0");
    await start.blur();
    await expect(start).toHaveValue("10 Juli 2019");
  });
  await test.step("an end before the start is said beside the field and in the list, and is stored", async () => {
    await type(field(page, "Judul kegiatan"), "Rapat terbalik");
    await type(start, "12 Oktober 2026");
    await type(field(page, "Tanggal selesai"), "10 Oktober 2026");
    await expect(page.getByRole("main").getByText("Tanggal selesai lebih awal daripada tanggal mulai.", { exact: true })).toBeVisible();
    await expectSafety(page, "Di server");
    await page.getByRole("navigation", { name: "Menu utama" }).getByRole("link", { name: "Laporan", exact: true }).click();
    await expect(page.getByText("mulai 12 Oktober 2026, tetapi selesai 10 Oktober 2026").first()).toBeVisible();
  });
});

test("what cannot be read waits in its field, also over a reload, and is asked by buttons that the keyboard reaches", async ({ world }) => {
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  const people = () => field(page, "Jumlah peserta");
  await type(people(), "61 orang");
  await expect(people()).toHaveValue("61");
  await expectSafety(page, "Di server");

  await test.step("reloaded at once, the words are still there and 61 is still stored", async () => {
    await type(people(), "60-70");
    await page.reload();
    await expect(people()).toHaveValue("60-70");
    await expect(around(people()).getByRole("alert")).toContainText("Tersimpan: 61.");
  });
  await test.step("who submits is told that it is not part of what they submit", async () => {
    await page.getByRole("button", { name: "Ajukan", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Ajukan dokumen ini?" });
    await expect(dialog.getByText("1 isian belum tersimpan karena belum terbaca")).toBeVisible();
    await dialog.getByRole("button", { name: "Batal" }).click();
  });
  await test.step("another tab shows what is stored, and the words that wait", async () => {
    const second = await device.tab(new URL(page.url()).pathname);
    await expect(field(second, "Jumlah peserta")).toHaveValue("60-70");
    await second.close();
  });
  await test.step("what may be two numbers is asked, of people the whole one", async () => {
    await type(people(), "1.250");
    const readings = page.getByRole("group", { name: "Yang dimaksud: Jumlah peserta" });
    await expect(readings.getByRole("button")).toHaveText(["1250"]);
    await people().focus();
    await page.keyboard.press("Tab");
    await expect(readings.getByRole("button", { name: "1250" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(people()).toHaveValue("1250");
    await expect(people()).toBeFocused();
    await expect(readings).toHaveCount(0);
  });
  await test.step("what was typed within the pause before a reload is stored after it", async () => {
    await people().press("ControlOrMeta+a");
    await people().pressSequentially("75");
    await page.reload();
    await expect(people()).toHaveValue("75");
    await expect(around(people()).getByRole("alert")).toBeHidden();
    await expectSafety(page, "Di server");
  });
  await test.step("a pause stores, while the caret stays in the field", async () => {
    const second = await device.tab(new URL(page.url()).pathname);
    await expect(field(second, "Jumlah peserta")).toHaveValue("75");
    await page.bringToFront();
    await people().focus();
    await people().press("ControlOrMeta+a");
    await people().pressSequentially("80");
    await expect(field(second, "Jumlah peserta")).toHaveValue("80");
    await expect(people()).toBeFocused();
    await second.close();
  });
  await test.step("who submits right after typing what can be read is told of nothing that is not stored", async () => {
    const second = await device.tab(new URL(page.url()).pathname);
    await page.bringToFront();
    await people().focus();
    await people().press("ControlOrMeta+a");
    await people().pressSequentially("77");
    await page.getByRole("button", { name: "Ajukan", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Ajukan dokumen ini?" });
    await expect(dialog).toBeVisible();
    await expect(field(second, "Jumlah peserta")).toHaveValue("77");
    await expect(dialog.getByText("belum tersimpan karena belum terbaca")).toHaveCount(0);
    await dialog.getByRole("button", { name: "Batal" }).click();
    await second.close();
  });
  await test.step("clearing clears", async () => {
    await type(people(), "");
    await expectSafety(page, "Di server");
    await page.reload();
    await expect(field(page, "Judul kegiatan")).toBeVisible();
    await expect(people()).toHaveValue("");
  });
});

test("spending above the ceiling is said and not blocked, and all of it is said only where it is", async ({ world }) => {
  const { page } = await planWithOneLine(world);
  await type(cell(page, "Pagu"), "10.000");
  await type(cell(page, "Realisasi"), "3.787");
  await expect(page.getByText("38 % dari pagu")).toBeVisible();
  await type(cell(page, "Realisasi"), "9.999");
  await expect(page.getByText("99 % dari pagu")).toBeVisible();
  await type(cell(page, "Realisasi"), "12.000");
  await expect(around(cell(page, "Realisasi")).getByText("Realisasi melebihi pagu")).toBeVisible();
  await expect(page.getByText("120 % dari pagu")).toBeVisible();
});

/** What a field suggests to whoever is in it. */
// The list of suggestions comes with the focus, a moment after it.
const suggested = (input) => input.evaluate((input) => [...(input.list?.options ?? [])].map(({ value }) => value));

/** Chooses a suggestion, as the browser's own list does. */
async function suggest(input, text) {
  await input.focus();
  await expect.poll(() => suggested(input)).toContain(text);
  await input.fill(text);
  await input.press("Enter");
}

test("a country is chosen by its name, stored by its code and found by either, and an unknown one is not stored", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Kerja sama baru");
  const address = new URL(page.url()).pathname;
  await type(field(page, "Judul kerja sama"), "Kerja sama percobaan");
  await type(field(page, "Mitra"), "Kota Percobaan");
  const country = page.getByRole("combobox", { name: "Negara mitra", exact: true });
  await suggest(country, "Jepang");
  await expect(country).toHaveValue("Jepang");
  await expectTaken(country, [["japan", "Jepang"], ["JP", "Jepang"], [" jepang", "Jepang"]]);
  await expectRefused(country, "Tersimpan: Jepang.", [["Negeri Dongeng", "tidak ada dalam daftar"]]);
  await expectTaken(country, [["jepang", "Jepang"]]);
  await expectSafety(page, "Di server");

  const peer = await Peer.signIn(world.relay.url, world.account("sri"));
  await peer.document((root) => String(root.title) === "Kerja sama percobaan" && String(root.country) === "JP");
  peer.close();
  await go(page, `${address}/cetak`);
  await expect(page.getByRole("article").getByText("Kota Percobaan (Jepang)")).toBeVisible();
  await go(page, "/kerja-sama");
  await expect(page.getByText("Kota Percobaan · Jepang")).toBeVisible();
  for (const words of ["percobaan jepang", "percobaan japan", "percobaan jp"]) {
    await go(page, `/cari?q=${encodeURIComponent(words)}`);
    await expect(page.getByRole("main").getByRole("link", { name: "Kerja sama percobaan" }), words).toBeVisible();
  }
});

test("a field suggests whom and what the records of this device name, and takes anything else", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  const traveller = async (name, office) => {
    await begin(page, "Laporan baru");
    await page.getByRole("button", { name: "Tambah pelaksana", exact: true }).click();
    const fields = { name: field(page, "Nama"), office: field(page, "Unit kerja") };
    if (name) await type(fields.name, name);
    if (office) await type(fields.office, office);
    return fields;
  };
  await traveller("Made Wirawan, S.T.", "Dinas Percobaan");
  await expectSafety(page, "Di server");
  const { name, office } = await traveller();
  await suggest(name, "Made Wirawan, S.T.");
  await suggest(office, "Dinas Percobaan");
  await expectSafety(page, "Di server");
  await page.reload();
  await expect(field(page, "Nama")).toHaveValue("Made Wirawan, S.T.");
  await expect(field(page, "Unit kerja")).toHaveValue("Dinas Percobaan");

  for (const [what, label, words] of [
    ["Laporan baru", "Tempat laporan", "Kota Percobaan"],
    ["Kerja sama baru", "Mitra", "Kota Percobaan Raya"],
  ]) {
    await begin(page, what);
    await type(field(page, label), words);
    await expectSafety(page, "Di server");
    await begin(page, what);
    await suggest(field(page, label), words);
    await expectSafety(page, "Di server");
    await page.reload();
    await expect(field(page, label), what).toHaveValue(words);
  }
});

test("undo in a fact takes back one's own value alone, and leaving a field never brings back what a colleague replaced", async ({ world }) => {
  const sri = await world.signedIn("sri");
  await begin(sri.page, "Laporan baru");
  const people = (page) => field(page, "Jumlah peserta");
  await type(people(sri.page), "61");
  await expectSafety(sri.page, "Di server");
  const budi = await world.signedIn("budi");
  const page = await budi.device.tab(new URL(sri.page.url()).pathname);
  await expect(people(page)).toHaveValue("61");
  await type(people(page), "75");
  await expect(people(sri.page)).toHaveValue("75");
  await test.step("what a colleague set since is nobody's to take back", async () => {
    await people(sri.page).focus();
    await sri.page.keyboard.press("ControlOrMeta+z");
    await type(field(sri.page, "Tema"), "sesudahnya");
    await expect(field(page, "Tema")).toHaveValue("sesudahnya");
    for (const shown of [page, sri.page]) await expect(people(shown)).toHaveValue("75");
  });
  await test.step("one's own is taken back to what the colleague set", async () => {
    await type(people(sri.page), "80");
    await expect(people(page)).toHaveValue("80");
    await people(sri.page).focus();
    await sri.page.keyboard.press("ControlOrMeta+z");
    for (const shown of [page, sri.page]) await expect(people(shown)).toHaveValue("75");
  });
  await test.step("a field that is left after a colleague has set it shows the colleague's value", async () => {
    await people(sri.page).focus();
    await sri.page.keyboard.press("ControlOrMeta+a");
    await people(sri.page).pressSequentially("90");
    await expect(people(page)).toHaveValue("90");
    await type(people(page), "95");
    // Written afterwards: who has it has the 95 too.
    await type(field(page, "Penutup"), "Selesai.");
    await expect(field(sri.page, "Penutup")).toHaveValue("Selesai.");
    await people(sri.page).blur();
    await expect(people(sri.page)).toHaveValue("95");
    await type(field(sri.page, "Tema"), "sampai akhir");
    await expect(field(page, "Tema")).toHaveValue("sampai akhir");
    await expect(people(page)).toHaveValue("95");
  });
});

test("a time says whose it is", async ({ world }) => {
  const { page } = await world.signedIn("sri", { timezoneId: "Asia/Jayapura" });
  await page.goto(new URL("/pengaturan", page.url()).href);
  await expect(page.getByText(/Terdaftar .* \d\d\.\d\d WIT\b/).first()).toBeVisible();
});

test("undoing takes back the text that could not be read before the value beneath it", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  const date = field(page, "Tanggal laporan");
  const press = (name) => page.getByRole("button", { name, exact: true }).first().click();
  const why = around(date).getByRole("alert");
  for (const text of ["Maret 2020", "April 2020", "besok saja"]) await type(date, text);
  await expect(why).toContainText("April 2020");
  await press("Urungkan");
  await expect(date).toHaveValue("April 2020");
  await expect(why).toBeHidden();
  await press("Urungkan");
  await expect(date).toHaveValue("Maret 2020");
  await press("Ulangi");
  await expect(date).toHaveValue("April 2020");
  await press("Ulangi");
  await expect(date).toHaveValue("besok saja");
  await expect(why).toContainText("April 2020");

  await test.step("in the field itself, and what is typed since goes first", async () => {
    await date.focus();
    await date.press("End");
    await date.pressSequentially(" ya");
    await date.press("ControlOrMeta+z");
    await expect(date).toHaveValue("besok saja");
    await date.press("ControlOrMeta+z");
    await expect(date).toHaveValue("April 2020");
    await date.press("ControlOrMeta+z");
    await expect(date).toHaveValue("Maret 2020");
  });
  await test.step("a value in its place is undone to it", async () => {
    await type(date, "entah kapan");
    await type(date, "5 Mei 2020");
    await press("Urungkan");
    await expect(date).toHaveValue("entah kapan");
    await expect(why).toContainText("Maret 2020");
    await page.reload();
    await expect(date).toHaveValue("entah kapan");
  });
});
