// What an office prints and signs, read back from the PDF: everything that was filled in, once, on pages that say what they are.

import { Peer } from "../peer/client.js";
import { printed, times } from "../world/paper.js";
import { begin, expectSafety, field } from "../world/record.js";
import { go } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const SIZES = { "A4 (210 × 297 mm)": [210, 297], "F4/folio (215 × 330 mm)": [215, 330] };

/** Prints a record's page on both papers; each sheet says how far the record is, its version and its number. */
async function onBothPapers(page, address, standing, name, look) {
  await go(page, `${address}/cetak`);
  for (const [paper, size] of Object.entries(SIZES)) {
    await page.getByLabel("Kertas").selectOption(paper);
    const print = await printed(page, `${name}-${size[0]}`);
    const upright = [...print.size].sort((a, b) => a - b);
    expect(upright, paper).toEqual(size);
    for (const [index, sheet] of print.sheets.entries()) {
      expect(sheet, `${name}, ${paper}, page ${index + 1}`).toContain(`Halaman ${index + 1} dari ${print.sheets.length}`);
      expect(times(sheet, standing), `${standing} on ${name}, ${paper}, page ${index + 1}: ${sheet}`).toBe(1);
      expect(times(sheet, "Simpul · versi"), sheet).toBe(1);
    }
    expectNoEmptySheet(print);
    await look(print);
  }
}

/** Each sheet says something besides what stands in its margins. */
function expectNoEmptySheet({ sheets }) {
  for (const sheet of sheets) expect(sheet).toMatch(/Simpul · versi( [0-9a-f]{4}){4} \S/);
}

/** What each field of a plan's line is filled with, and how the page says it. */
const LINE = {
  field: "Bidang lingkungan", programme: "Program persampahan", sub_activity: "Sub pemilahan", purpose: "Supaya bersih",
  output: "Dokumen pedoman", indicator: "Persentase terpilah", unit: "lokakarya", target: 12, location: "Balai Kota",
  starts_on: "2027-02-03", ends_on: "2027-03-04", quarter_1: true, quarter_3: true, responsible: "Dinas Kebersihan",
  supporting: "Dinas Kesehatan", partner_contact: "Tanaka Hiroshi", division: "Pihak kedua melatih", account_code: "5.1.02.04",
  status: "delayed", follow_up: "Rapat lanjutan", remark: "Menunggu anggaran",
};
const LINE_ON_PAPER = [
  "Bidang lingkungan", "Program persampahan", "Sub pemilahan", "Supaya bersih", "Dokumen pedoman", "Persentase terpilah",
  "12 lokakarya", "Balai Kota", "3 Februari s.d. 4 Maret 2027", "I, III", "Dinas Kebersihan", "Dinas Kesehatan", "Tanaka Hiroshi",
  "Pihak kedua melatih", "5.1.02.04", "Tertunda", "Rapat lanjutan", "Menunggu anggaran",
];

/** An agreement with every field, and how the page says each. */
const AGREEMENT = {
  title: "Naskah Kota Percobaan", agreement_type: "sister-city", region: "Kabupaten Tanjung Simpul",
  region_when_signed: "Kabupaten Tanjung Lama", partner: "Portlandia", partner_kind: "county", country: "US",
  fields: "Pendidikan vokasi\nPerikanan **tangkap**", number: "119/MOU/2020", starts_on: "2020-05-06", ends_on: "2025-05-06",
  activity: "needs-renewal", initiator: "Rektor Percobaan", responsible: "Dinas Perikanan", legal_basis: "PP 28 Tahun 2018",
  remarks: "Salinan di lemari arsip", sources: "Situs mitra",
};
const AGREEMENT_ON_PAPER = [
  "Naskah Kota Percobaan", "KSDPL, kabupaten/kota kembar", "Kabupaten Tanjung Simpul", "Kabupaten Tanjung Lama",
  "Portlandia (Amerika Serikat)", "County", "Pendidikan vokasi", "Perikanan tangkap", "119/MOU/2020", "6 Mei 2020 s.d. 6 Mei 2025",
  "Perlu perpanjangan", "Rektor Percobaan", "Dinas Perikanan", "PP 28 Tahun 2018", "Salinan di lemari arsip", "Situs mitra",
  "Pernyataan Kehendak", "April 2019", "019/LOI; Surat niat", "Aula Simpul; City Hall", "Pejabat: Wali Kota Lama", "Lewat video",
];

function expectOnce(print, values) {
  for (const value of values) expect(times(print.all, value), `"${value}" in: ${print.all}`).toBe(1);
}

/** The address of the record with this title. */
async function addressOf(page, list, title) {
  await go(page, list);
  return page.getByRole("main").getByRole("link", { name: title }).first().getAttribute("href");
}

test("reports on paper hold each value once, number their pages, and never leave a signature alone", async ({ world }) => {
  const officials = [{ name: "Drs. Made Arta, M.Si. (peragaan)", position: "Sekretaris Daerah", nip: "196501011990031001" }];
  const home = world.account("sri").feeds[0];
  world.relay.operate("feed", "set", home, "officials", JSON.stringify(officials));
  world.relay.operate("feed", "set", home, "letterhead", JSON.stringify(["PEMERINTAH KABUPATEN TANJUNG SIMPUL", "SEKRETARIAT DAERAH", "Jl. Pelabuhan No. 1"]));
  const { page } = await world.signedIn("sri");

  await test.step("the demonstration's report, whose text says everything", async () => {
    const address = await addressOf(page, "/laporan", "Bimbingan Teknis Kerja Sama Sister");
    await onBothPapers(page, address, "KONSEP", "seed", (print) => {
      expectOnce(print, [
        "PEMERINTAH KABUPATEN TANJUNG SIMPUL", "LAPORAN HASIL PERJALANAN DINAS", "005/1138/02", "01 Juli 2019",
        "Kementerian Dalam Neeri", "Bimbingan Teknis Kerja Sama Sister", "10 s.d 12 Juli 2019", "Hotel Novotel",
        "Peningkatan dan Revitalisasi", "61 (enam puluh satu)", "Sekretaris Daerah Provinsi", "sister city/province boleh",
        "Status: berjalan.", "Tenggat: September 2019.", "Penanggung jawab: Dinas Lingkungan Hidup.",
        "Tanjung Simpul, 15 Juli 2019", "I Ketut Suardana (peragaan)", "Kepala Bagian Kerja Sama", "Pembina (IV/a)",
        "Ketua rombongan", "Anggota", "Analis Kerja Sama", "Inspektur Kabupaten Tanjung Simpul", "melalui Sekretaris Daerah",
      ]);
      expect(times(print.all, "Bagian Kerja Sama Sekretariat Daerah")).toBe(2);
      expect(print.all).not.toContain("Kegiatan tersebut diselenggarakan");
      expect(print.all).not.toContain("*");
    });
    await test.step("a signature takes words of the report along, wherever the page ends", async () => {
      const closing = page.locator(".paper-foot").locator("xpath=preceding-sibling::p[1]");
      for (let lines = 0; lines < 12; lines += 1) {
        await closing.evaluate((paragraph) => paragraph.before(paragraph.cloneNode(true)));
        const { sheets } = await printed(page, `signature-${lines}`);
        const sheet = sheets.find((text) => text.includes("Yang membuat laporan"));
        expect(sheet, `${lines + 1} paragraphs more`).toContain("Demikian laporan ini");
        for (const part of ["Penata Muda (III/a)", "Tembusan: 1. Inspektur", "2. Arsip"]) expect(sheet).toContain(part);
      }
    });
  });

  let address;
  await test.step("a report from nothing, whose page says all by sentences of its own", async () => {
    await begin(page, "Laporan baru");
    address = new URL(page.url()).pathname;
    for (const [label, text] of [
      ["Judul kegiatan", "Rapat Koordinasi Percobaan"], ["Nomor laporan", "090/77/2026"], ["Tema", "Kota Tangguh"],
      ["Tanggal mulai", "3 Mei 2026"], ["Tanggal selesai", "5 Mei 2026"], ["Tempat", "Balai Percobaan Kota Contoh"],
      ["Penyelenggara", "Sekretariat Percobaan"], ["Jumlah peserta", "42"], ["Peserta", "Camat se-Kabupaten"],
      ["Penutup", "Demikian **laporan** ini:\n- butir *pertama*\n- butir kedua"], ["Tempat laporan", "Kota Contoh"],
      ["Tanggal laporan", "9 Mei 2026"], ["Kepada Yth.", "Bupati Contoh"], ["Kesimpulan", "Rapat berhasil."],
      ["Saran", "Rapat diulang."], ["Tembusan", "Inspektur Contoh\nArsip"],
    ]) {
      await field(page, label).fill(text);
      await field(page, label).blur();
    }
    const main = page.getByRole("main");
    await page.getByRole("button", { name: "Tambah dasar", exact: true }).click();
    await main.getByLabel("Jenis", { exact: true }).selectOption("Surat perintah tugas");
    for (const [label, text] of [["Penerbit", "Bupati Contoh"], ["Nomor", "094/5/SPT"], ["Tanggal", "1 Mei 2026"]]) {
      await main.getByLabel(label, { exact: true }).fill(text);
      await main.getByLabel(label, { exact: true }).blur();
    }
    for (const add of ["Tambah dasar", "Tambah hasil", "Tambah pelaksana"]) await page.getByRole("button", { name: add, exact: true }).click();
    for (const [label, text] of [["Nama", "Komang Percobaan"], ["Jabatan", "Kepala Subbagian"], ["Unit kerja", "Bagian Umum"]]) {
      await field(page, label).fill(text);
      await field(page, label).blur();
    }
    await page.getByRole("button", { name: "Tambah pelaksana", exact: true }).click();
    await main.getByLabel("Peran", { exact: true }).first().selectOption("Ketua rombongan");
    await main.getByLabel("Mengetahui", { exact: true }).selectOption({ label: "Drs. Made Arta, M.Si. (peragaan), Sekretaris Daerah" });
    const told = page.getByRole("complementary", { name: "Halaman cetak" });
    const event =
      "Perjalanan dinas ini dilakukan untuk mengikuti Rapat Koordinasi Percobaan yang diselenggarakan oleh Sekretariat " +
      "Percobaan dengan tema “Kota Tangguh” pada tanggal 3 s.d. 5 Mei 2026 bertempat di Balai Percobaan Kota Contoh.";
    await expect(told).toContainText(event);
    const venue = page.getByLabel("Tulis di halaman cetak: Tempat", { exact: true });
    await expect(venue).toBeChecked();
    await venue.uncheck();
    await expect(told).not.toContainText("Balai Percobaan");
    await expect(page.getByText("Tidak ditulis karena dipilih.")).toBeVisible();
    await venue.check();
    await expect(told).toContainText(event);
    await expectSafety(page, "Di server");
    await onBothPapers(page, address, "KONSEP", "new", (print) => {
      expectOnce(print, [
        "Nomor: 090/77/2026", event, "Kegiatan dihadiri oleh 42 (empat puluh dua) Camat se-Kabupaten.",
        "Surat Perintah Tugas Bupati Contoh Nomor 094/5/SPT tanggal 1 Mei 2026.", "Kota Contoh, 9 Mei 2026", "Komang Percobaan",
        "Kepala Subbagian", "Bagian Umum", "Ketua rombongan", "Mengetahui,", "Made Arta", "NIP. 196501011990031001",
        "– butir pertama", "Demikian laporan ini:", "Yth. Bupati Contoh", "Kesimpulan Rapat berhasil.", "Saran Rapat diulang.",
        "1. Inspektur Contoh", "2. Arsip",
      ]);
      // What was added and left empty is not there: no second traveller, basis or result.
      expect(print.all).not.toContain("1. II.");
      expect(times(print.all, "b. ")).toBe(0);
    });
  });

  await test.step("the other two forms have the same values", async () => {
    for (const layout of ["B: Pernyataan pelaksana", "C: Ringkas (dasar, tanggal, keperluan, hasil)"]) {
      await go(page, address);
      await page.getByLabel("Bentuk cetak", { exact: true }).selectOption(layout);
      await expectSafety(page, "Di server");
      await go(page, `${address}/cetak`);
      const print = await printed(page, `form-${layout[0]}`);
      expectNoEmptySheet(print);
      const day = layout.startsWith("B") ? "Sabtu tanggal sembilan bulan Mei tahun dua ribu dua puluh enam" : "Kota Contoh, 9 Mei 2026";
      expectOnce(print, [
        "3 s.d. 5 Mei 2026", "Balai Percobaan Kota Contoh", "“Kota Tangguh”", "Sekretariat Percobaan", "094/5/SPT", "Kepala Subbagian",
        "Bagian Umum", "Ketua rombongan", "42 (empat puluh dua)", "Made Arta", day,
      ]);
    }
  });

  await test.step("printing the working screen gives the paper, and what was approved says so until it is changed", async () => {
    const decideAs = async (user, event) => {
      const peer = await Peer.signIn(world.relay.url, world.account(user));
      await peer.caughtUp();
      const record = await peer.document((root) => String(root.title) === "Rapat Koordinasi Percobaan" && String(root.layout) === "c");
      await peer.decide(record, event);
      peer.close();
    };
    await decideAs("sri", "submit");
    await decideAs("ketut", "approve");
    await go(page, address);
    await expect(page.locator(".record-marks")).toContainText("Disetujui");
    const approved = await printed(page, "working-screen");
    expect(times(approved.all, "DISETUJUI")).toBe(approved.sheets.length);
    expect(approved.all).toContain("Disetujui oleh");
    expect(approved.all).not.toMatch(/Kelengkapan|Tambah hasil|KONSEP/);
    await field(page, "Penutup").fill("Diubah.");
    await field(page, "Penutup").blur();
    await expectSafety(page, "Di server");
    expect((await printed(page, "changed")).all).toContain("KONSEP (DIUBAH SESUDAH DISETUJUI)");
  });
});

test("a plan of sixty lines and an agreement print whole: no row is cut, the total stands once, what is open is marked", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("sri"));
  await peer.caughtUp();
  const home = world.account("sri").feeds[0];
  await peer.create(home, "action-plan", {
    title: "Rencana enam puluh butir", working_group: "Kelompok Kerja Sampah", lines: {}, attachments: {}, links: {}, periods: {},
  });
  const plan = await peer.document((root) => String(root.title) === "Rencana enam puluh butir");
  await peer.change(plan, (root) => {
    Object.assign(root, {
      partner: "Kota Kyoto", starts_on: "2026", ends_on: "2028", adopted_by: "Bupati Tanjung Simpul", adopted_on: "2026-07-06",
    });
    for (let number = 1; number <= 60; number += 1) {
      const id = String(number).padStart(2, "0");
      const long = number === 7 ? "x".repeat(4000) : "kegiatan yang panjang uraiannya ".repeat(3);
      root.lines[id.padStart(16, "0")] = {
        order: `V${id}V`, activity: `AWAL${id} ${long} AKHIR${id}`, output: "", programme: "", sub_activity: "", purpose: "",
        indicator: "", division: "", obstacle: `Hambatan ${id}`, remedy: number % 2 ? `Upaya ${id}` : "", follow_up: "", remark: "",
        ceiling: 1_000_000 + number, spent: number, progress: number, funding: "mitra",
      };
    }
    Object.assign(root.lines["0000000000000003"], LINE);
    root.lines["0000000000000099"] = {
      order: "W", activity: "", output: "", programme: "", sub_activity: "", purpose: "", indicator: "", division: "", obstacle: "",
      remedy: "", follow_up: "", remark: "",
    };
  });
  await peer.create(home, "agreement", { ...AGREEMENT, stages: {}, links: {}, attachments: {} });
  const whole = await peer.document((root) => String(root.title) === AGREEMENT.title);
  await peer.change(whole, (root) => {
    root.stages["0000000000000001"] = {
      name: "letter-of-intent", dated_on: "2019-04", number: "019/LOI", document: "Surat niat", place: "Aula Simpul",
      partner_place: "City Hall", officials: "Wali Kota Lama", remark: "Lewat video", order: "V",
    };
    root.stages["0000000000000002"] = { officials: "", remark: "", order: "W" };
  });
  peer.close();
  const { page } = await world.signedIn("sri");
  const address = await addressOf(page, "/rencana-aksi", "Rencana enam puluh butir");
  await onBothPapers(page, address, "KONSEP", "plan", (print) => {
    for (let number = 1; number <= 60; number += 1) {
      if (number === 7) continue;
      const id = String(number).padStart(2, "0");
      const sheet = print.sheets.find((text) => text.includes(`AWAL${id}`));
      for (const part of [`AKHIR${id}`, `Hambatan: Hambatan ${id}`, `1.000.0${id}`]) expect(sheet, `line ${id}`).toContain(part);
    }
    expectOnce(print, [
      "Rencana enam puluh butir", "Kota Kyoto", "2026 s.d. 2028", "Kelompok Kerja Sampah", "Bupati Tanjung Simpul", "6 Juli 2026",
      "Upaya: Upaya 59", "Jumlah", "60.001.830", "0 dari 60 selesai", ...LINE_ON_PAPER,
    ]);
    const heads = print.sheets.filter((text) => text.includes("AWAL"));
    for (const sheet of heads) expect(sheet).toContain("Sumber dana");
    // The word without end pushes nothing off the sheet.
    expect(print.all).toContain("1.000.007");
  });
  await test.step("a plan's signature takes its last line along, wherever the page ends", async () => {
    for (let lines = 24; lines > 10; lines -= 1) {
      await page.locator(".paper-line").evaluateAll((all, last) => all.slice(last - 1, -1).forEach((line) => line.remove()), lines);
      const { sheets } = await printed(page, `plan-signature-${lines}`);
      const sheet = sheets.find((text) => text.includes("Disahkan pada"));
      // The one with a bidang comes after those without, as in the grid.
      for (const part of ["AWAL03", "Jumlah"]) expect(sheet, `${lines} lines`).toContain(part);
    }
    await page.reload();
    await expect(page.locator(".paper-line")).toHaveCount(60);
  });
  await page.emulateMedia({ media: "print" });
  expect(await page.locator(".paper-matrix").evaluate((table) => table.scrollWidth <= table.parentElement.clientWidth + 1)).toBe(true);
  await page.emulateMedia({ media: null });
  await go(page, address);
  await expect(page.getByRole("button", { name: "Tambah butir", exact: true }).first()).toBeVisible();
  const screen = await printed(page, "plan-screen");
  expectOnce(screen, ["AWAL01", "AWAL60", "Jumlah", "Bupati Tanjung Simpul"]);
  expect(screen.all).not.toContain("Tambah butir");

  const filled = await addressOf(page, "/kerja-sama", AGREEMENT.title);
  await onBothPapers(page, filled, "KONSEP", "filled", (print) => expectOnce(print, AGREEMENT_ON_PAPER));

  // Two officers set one of its dates.
  const agreement = await addressOf(page, "/kerja-sama", /Seattle/);
  await onBothPapers(page, agreement, "KONSEP", "agreement", (print) => {
    expect(print.all).toMatch(/BELUM DIPILIH: diisi berbeda.*Tanggal tahap \(1\): “.+” atau “.+”/);
    expect(print.all).toContain("TAHAPAN");
    expect(print.all).toContain("SUMBER");
  });
  await go(page, agreement);
  const fromScreen = await printed(page, "agreement-screen");
  expect(fromScreen.all).toContain("TAHAPAN");
  expect(fromScreen.all).not.toContain("Ringkasan");
});

test("an open conflict is marked on the paper of a report and of a plan, and empty stages print nothing", async ({ world }) => {
  const sri = await Peer.signIn(world.relay.url, world.account("sri"));
  const budi = await Peer.signIn(world.relay.url, world.account("budi"));
  await Promise.all([sri.caughtUp(), budi.caughtUp()]);
  const [{ feed }] = sri.feeds;
  const report = {
    title: "Laporan berselisih", purpose: "", theme: "", organiser: "", venue: "", attendees: "", activities: "", conclusion: "",
    advice: "", closing: "", addressee: "", copies: "", preamble: "", bases: {}, travellers: {}, outcomes: {}, follow_ups: {},
  };
  await sri.create(feed, "trip-report", report);
  await sri.create(feed, "action-plan", { title: "Rencana berselisih", working_group: "", partner: "", adopted_by: "", lines: {}, links: {} });
  for (const [title, first, second] of [
    ["Laporan berselisih", (root) => { root.attendance = 40; }, (root) => { root.attendance = 61; }],
    ["Rencana berselisih", (root) => { root.ends_on = "2027"; }, (root) => { root.ends_on = "2028"; }],
  ]) {
    const named = (root) => String(root.title) === title;
    const theirs = budi.asItIs(await budi.document(named));
    const mine = sri.asItIs(await sri.document(named));
    await sri.change(mine, first);
    await budi.change(theirs, second);
  }
  await sri.create(feed, "agreement", { ...AGREEMENT, title: "Tahap kosong", stages: {}, links: {}, attachments: {} });
  await sri.change(await sri.document((root) => String(root.title) === "Tahap kosong"), (root) => {
    root.stages["0000000000000001"] = { officials: "", remark: "", order: "V" };
  });
  sri.close();
  budi.close();

  const { page } = await world.signedIn("ketut");
  for (const [list, title, marked] of [
    ["/laporan", "Laporan berselisih", /BELUM DIPILIH: diisi berbeda.*Jumlah peserta: “(40” atau “61|61” atau “40)”/],
    ["/rencana-aksi", "Rencana berselisih", /BELUM DIPILIH: diisi berbeda.*Periode selesai: “(2027” atau “2028|2028” atau “2027)”/],
  ]) {
    await go(page, `${await addressOf(page, list, title)}/cetak`);
    expect((await printed(page, `conflict-${list.slice(1)}`)).all).toMatch(marked);
  }
  await go(page, `${await addressOf(page, "/kerja-sama", "Tahap kosong")}/cetak`);
  expect((await printed(page, "empty-stage")).all).not.toContain("TAHAPAN");
});
