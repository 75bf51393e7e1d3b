// Decisions: on which version, by whom, when, and what a person sees of them.

import * as Automerge from "@automerge/automerge";
import { Peer } from "../peer/client.js";
import { act, beginDecision, offered } from "../world/actions.js";
import { fill } from "../world/grid.js";
import { begin, expectSafety, field, open, write } from "../world/record.js";
import { expect, test } from "../world/test.js";

const dialog = (page) => page.getByRole("dialog").filter({ visible: true });
const state = (page, word) => page.getByRole("main").locator(".record-marks").getByText(word, { exact: true });
const MARK = /versi [0-9a-f]{4}( [0-9a-f]{4}){3}/;

/** Gives a plan its title. */
async function titled(page, title) {
  const about = page.locator("summary", { hasText: "Tentang rencana ini" });
  if (!(await field(page, "Judul rencana aksi").isVisible())) await about.click();
  await field(page, "Judul rencana aksi").fill(title);
  await field(page, "Judul rencana aksi").blur();
}

/** A plan of one line that its writer submits. */
async function submittedPlan(page) {
  await begin(page, "Rencana aksi baru");
  await page.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await fill(page, "Kegiatan", 1, "Pelatihan");
  await fill(page, "Pagu", 1, "1.000.000");
  await titled(page, "Rencana uji keputusan");
  await beginDecision(page, "Ajukan");
  await dialog(page).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expect(state(page, "Diajukan")).toBeVisible();
  await expectSafety(page, "Di server");
  return new URL(page.url()).pathname;
}

test("a decision is on the version that was shown when its dialog opened, and the dialog says what came meanwhile", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await submittedPlan(sri);
  const { device, page: ketut } = await world.signedInAt("ketut", address);
  // Who decides reads the page.
  const page = ketut.getByRole("main").getByRole("article");
  await expect(page).toContainText("1.000.000");

  await test.step("another raises the ceiling while the dialog is open", async () => {
    await beginDecision(ketut, "Setujui");
    await dialog(ketut).getByLabel("Catatan").fill("Sesuai pagu.");
    await fill(sri, "Pagu", 1, "9.000.000");
    await expect(dialog(ketut).getByRole("status")).toContainText("1 perubahan masuk sementara itu");
  });
  await test.step("who looks again finds what they wrote, and decides on what they saw then", async () => {
    await dialog(ketut).getByRole("button", { name: "Lihat dokumennya dahulu" }).click();
    await expect(page).toContainText("9.000.000");
    await beginDecision(ketut, "Setujui");
    await expect(dialog(ketut).getByLabel("Catatan")).toHaveValue("Sesuai pagu.");
    await expect(dialog(ketut).getByText("masuk sementara itu")).toHaveCount(0);
  });
  await fill(sri, "Pagu", 1, "7.000.000");
  await expect(dialog(ketut).getByRole("status")).toContainText("1 perubahan masuk sementara itu");
  await dialog(ketut).getByRole("button", { name: "Setujui", exact: true }).click();

  for (const screen of [sri, ketut]) {
    await expect(state(screen, "Disetujui")).toBeVisible();
    const marks = screen.getByRole("main").locator(".record-marks");
    await expect(marks).toContainText("Versi 1 yang disunting lagi (1 perubahan), 1 perubahan sesudahnya");
    await expect(marks, "the mark is the paper's").not.toContainText(MARK);
  }
  await test.step("the paper says which version was approved, and that it is another one", async () => {
    await sri.goto(new URL(`${address}/cetak`, sri.url()).href);
    const paper = sri.locator(".paper-version");
    await expect(paper).toContainText(/Disetujui oleh I Ketut Suardana .*; versi/);
    await expect(paper).toContainText("1 perubahan sesudahnya");
    const [shown, approved] = (await paper.innerText()).match(new RegExp(MARK, "g"));
    expect(shown).not.toBe(approved);
  });
});

test("nobody approves what they submitted; who submitted takes it back; a return says why", async ({ world }) => {
  const { device, page: ketut } = await world.signedIn("ketut");
  const address = await submittedPlan(ketut);
  await expect(ketut.getByText("Anda sendiri yang mengajukan dokumen ini")).toBeVisible();
  const entries = await offered(ketut);
  expect(entries).toEqual(expect.arrayContaining(["Tarik kembali", "Kembalikan"]));
  expect(entries).not.toEqual(expect.arrayContaining(["Setujui"]));
  await expect(ketut.getByRole("button", { name: "Verifikasi", exact: true })).toHaveCount(0);
  await beginDecision(ketut, "Tarik kembali");
  await dialog(ketut).getByRole("button", { name: "Tarik kembali", exact: true }).click();
  await expect(state(ketut, "Konsep")).toBeVisible();
  await expectSafety(ketut, "Di server");

  const { page: sri } = await world.signedInAt("sri", address);
  await beginDecision(sri, "Ajukan");
  await dialog(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expect(state(ketut, "Diajukan")).toBeVisible();
  expect(await offered(ketut), "another submitted it").not.toContain("Tarik kembali");

  await beginDecision(ketut, "Kembalikan");
  const send = dialog(ketut).getByRole("button", { name: "Kembalikan", exact: true });
  await expect(send).toBeDisabled();
  await dialog(ketut).getByLabel("Catatan").fill("   ");
  await expect(send).toBeDisabled();
  await dialog(ketut).getByLabel("Catatan").fill("Lengkapi pagu.");
  await send.click();
  await expect(state(sri, "Dikembalikan")).toBeVisible();
  await act(sri, "Riwayat");
  await expect(dialog(sri).getByText("Lengkapi pagu.")).toBeVisible();
  await device.turnOff();
});

test("a submitted record is offered no bin, and stays in every list though somebody binned it offline", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Rencana aksi baru");
  await sri.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await fill(sri, "Kegiatan", 1, "Pelatihan");
  await titled(sri, "Rencana uji keputusan");
  await expectSafety(sri, "Di server");
  const address = new URL(sri.url()).pathname;
  const { device, page: budi } = await world.signedInAt("budi", address);
  await expect(budi.getByRole("heading", { level: 1 })).toHaveText("Rencana uji keputusan");

  await device.goOffline();
  await act(budi, "Buang ke tempat sampah");
  await dialog(budi).getByRole("button", { name: "Buang ke tempat sampah" }).click();
  await expect(budi.getByText("membuang dokumen ini ke tempat sampah.")).toBeVisible();
  const paper = async (page) => {
    await page.goto(new URL(`${address}/cetak`, page.url()).href);
    return page.locator(".paper-standing");
  };
  await expect(await paper(budi), "until somebody submits it").toHaveText("DI TEMPAT SAMPAH, TIDAK BERLAKU");
  await beginDecision(sri, "Ajukan");
  await dialog(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expectSafety(sri, "Di server");
  expect(await offered(sri)).not.toContain("Buang ke tempat sampah");
  await device.goOnline();

  await expect(budi.locator(".paper-standing")).toHaveText("KONSEP (DIAJUKAN)");
  await expect(budi.getByText("TIDAK BERLAKU")).toHaveCount(0);
  await budi.goto(new URL(address, budi.url()).href);
  for (const page of [budi, sri]) {
    await expect(state(page, "Diajukan")).toBeVisible();
    await expect(page.getByText("membuang dokumen ini ke tempat sampah.")).toHaveCount(0);
    await expectSafety(page, "Di server");
    expect(await offered(page)).not.toContain("Buang ke tempat sampah");
    await page.goto(new URL("/tempat-sampah", page.url()).href);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText("Rencana uji keputusan")).toHaveCount(0);
    await open(page, "Rencana aksi", "Rencana uji keputusan");
    await expect(state(page, "Diajukan")).toBeVisible();
    await expect(await paper(page)).toHaveText("KONSEP (DIAJUKAN)");
  }
  const { page: ketut } = await world.signedIn("ketut");
  await expect(ketut.getByRole("main").getByText("Rencana uji keputusan").first()).toBeVisible();
});

test("a decision says when it was made, when the server had it much later, and that a clock was wrong", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  await peer.caughtUp();
  const report = await peer.document((_, kind) => kind === "trip-report");
  await peer.change(report, (root) => Automerge.updateText(root, ["title"], "Laporan berjam keliru"));
  await peer.decide(report, "submit", { madeAt: Date.now() - 20 * 60_000 });

  const { page } = await world.signedIn("ketut");
  await open(page, "Laporan", "Laporan berjam keliru");
  const marks = page.getByRole("main").locator(".record-marks");
  await expect(marks).toContainText(/diterima server \d+ \S+ \d{4} \d\d\.\d\d/);
  await peer.decide(report, "submit", { madeAt: Date.UTC(2036, 0, 1) });
  await expect(marks).toContainText("(jam perangkat keliru)");
  await expect(marks).not.toContainText("2036");
  await act(page, "Riwayat");
  await expect(dialog(page).getByText("diterima server")).toHaveCount(1);
  await expect(dialog(page).getByText("(jam perangkat keliru)")).toHaveCount(1);
  await expect(dialog(page).getByText("2036")).toHaveCount(0);
  peer.close();
});

test("who decided offline on what another took back and submitted anew meanwhile is told that their decision does not hold, and looks again", async ({ world }) => {
  world.complaints.expect(/WebSocket connection to/);
  const { page: sri } = await world.signedIn("sri");
  const address = await submittedPlan(sri);
  const { device, page: ketut } = await world.signedInAt("ketut", address);
  await expect(state(ketut, "Diajukan")).toBeVisible();
  await device.goOffline();
  await beginDecision(ketut, "Setujui");
  await dialog(ketut).getByRole("button", { name: "Setujui", exact: true }).click();
  await expect(state(ketut, "Disetujui")).toBeVisible();
  await expectSafety(ketut, "Di perangkat ini");
  await beginDecision(sri, "Tarik kembali");
  await dialog(sri).getByRole("button", { name: "Tarik kembali", exact: true }).click();
  await expect(state(sri, "Konsep")).toBeVisible();
  await fill(sri, "Pagu", 1, "2.000.000");
  await beginDecision(sri, "Ajukan");
  await dialog(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expect(state(sri, "Diajukan")).toBeVisible();
  await expectSafety(sri, "Di server");
  await device.goOnline();

  const refused = ketut.getByRole("main").getByRole("group", { name: "Keputusan Anda tidak berlaku", exact: true });
  await expect(refused).toContainText("Server tidak menerima keputusan Anda.");
  await expect(refused).toContainText("Sudah ada pengajuan atau keputusan lain sejak itu.");
  for (const page of [ketut, sri]) await expect(state(page, "Diajukan")).toBeVisible();
  await refused.getByRole("button", { name: "Lihat lagi" }).click();
  await expect(dialog(ketut).getByText("Tarik kembali", { exact: true })).toBeVisible();
  await ketut.keyboard.press("Escape");
  await refused.getByRole("button", { name: "Mengerti" }).click();
  await expect(refused).toHaveCount(0);
  await expectSafety(ketut, "Di server");
});

test("a report that was returned stays returned, with its remark, when a colleague's submission of an older text arrives late", async ({ world }) => {
  world.complaints.expect(/WebSocket connection to/);
  const { page: sri } = await world.signedIn("sri");
  const address = await submittedPlan(sri);
  const { device, page: budi } = await world.signedInAt("budi", address);
  await expect(state(budi, "Diajukan")).toBeVisible();
  await device.goOffline();
  await fill(budi, "Pagu", 1, "3.000.000");
  await beginDecision(budi, "Ajukan");
  await dialog(budi).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expectSafety(budi, "Di perangkat ini");

  await fill(sri, "Realisasi", 1, "500.000");
  await beginDecision(sri, "Ajukan");
  await dialog(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expectSafety(sri, "Di server");
  const { page: ketut } = await world.signedInAt("ketut", address);
  await beginDecision(ketut, "Kembalikan");
  await dialog(ketut).getByLabel("Catatan").fill("Lengkapi realisasinya.");
  await dialog(ketut).getByRole("button", { name: "Kembalikan", exact: true }).click();
  await expectSafety(ketut, "Di server");
  await device.goOnline();

  const refused = budi.getByRole("main").getByRole("group", { name: "Keputusan Anda tidak berlaku", exact: true });
  await expect(refused).toContainText("Sudah ada pengajuan atau keputusan lain sejak itu.", { timeout: 30_000 });
  for (const page of [budi, sri, ketut]) {
    await expect(state(page, "Dikembalikan")).toBeVisible();
    await expect(page.getByRole("main").getByRole("group", { name: /^Dikembalikan oleh/ })).toContainText("Lengkapi realisasinya.");
  }
  await test.step("once its maker has seen that, they submit with both texts", async () => {
    await refused.getByRole("button", { name: "Mengerti" }).click();
    await beginDecision(budi, "Ajukan");
    await dialog(budi).getByRole("button", { name: "Ajukan", exact: true }).click();
    for (const page of [budi, ketut]) await expect(state(page, "Diajukan")).toBeVisible();
  });
  await test.step("who has the dialog open while another version is submitted is told so there, and keeps the remark", async () => {
    await beginDecision(ketut, "Setujui");
    await dialog(ketut).getByLabel("Catatan").fill("Sesuai.");
    await fill(sri, "Realisasi", 1, "750.000");
    await beginDecision(sri, "Ajukan");
    await dialog(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
    await expect(dialog(ketut).getByRole("status")).toContainText("Sementara itu versi lain diajukan");
    await expect(dialog(ketut).getByRole("button", { name: "Setujui", exact: true })).toBeDisabled();
    await dialog(ketut).getByRole("button", { name: "Lihat dokumennya dahulu" }).click();
    await beginDecision(ketut, "Setujui");
    await expect(dialog(ketut).getByLabel("Catatan")).toHaveValue("Sesuai.");
    await dialog(ketut).getByRole("button", { name: "Setujui", exact: true }).click();
    await expect(state(ketut, "Disetujui")).toBeVisible();
  });
});

test("who loses the right to decide while the dialog is open is told so there", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await submittedPlan(sri);
  const { page: ketut } = await world.signedInAt("ketut", address);
  await beginDecision(ketut, "Setujui");
  world.relay.operate("user", "role", "ketut", "--feed", "kab-tanjung-simpul", "--role", "reader");
  await expect(dialog(ketut).getByRole("status")).toContainText("Anda tidak lagi berhak memutuskan di sini.");
  await expect(dialog(ketut).getByRole("button", { name: "Setujui", exact: true })).toBeDisabled();
});

test("a device whose clock is off by more than five minutes is told so, and what it writes stands at the server's time", async ({ world }) => {
  const { device, page: first } = await world.signedIn("sri");
  const banner = (page) => page.getByRole("complementary", { name: "Pemberitahuan" }).getByRole("status");
  await expect(banner(first)).toHaveCount(0);
  await first.close();
  await device.context.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 210 * 60_000;
  });
  const sri = await device.tab("/");
  await expect(banner(sri)).toContainText("Jam perangkat ini keliru lebih dari lima menit.");
  await begin(sri, "Rencana aksi baru");
  await sri.getByRole("button", { name: "Tambah butir", exact: true }).click();
  await fill(sri, "Kegiatan", 1, "Pelatihan");
  await expectSafety(sri, "Di server");
  await act(sri, "Riwayat");
  await expect(dialog(sri).getByText("jam perangkat keliru").first()).toBeVisible();
  const [, at] = (await dialog(sri).locator(".history").last().innerText()).match(/\d\d\.(\d\d)/);
  const late = (new Date().getUTCMinutes() - Number(at) + 60) % 60;
  expect(late, "minutes since; the clock is three and a half hours ahead").toBeLessThan(10);
});

test("the page beside the form names the same version on the writer's device as on a colleague's", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Laporan baru");
  await write(sri, "Judul kegiatan", "Bimbingan teknis");
  await expectSafety(sri, "Di server");
  const { page: budi } = await world.signedInAt("budi", new URL(sri.url()).pathname);
  const mark = (page) => page.locator(".paper-version-name").first();
  await expect(mark(budi)).toHaveText(await mark(sri).textContent());
  const change = async (act) => {
    const before = await mark(budi).textContent();
    await act();
    await expect(mark(budi)).not.toHaveText(before);
    await expect(mark(sri)).toHaveText(await mark(budi).textContent());
  };
  await change(async () => {
    await field(sri, "Nomor laporan").fill("094/17");
    await field(sri, "Nomor laporan").blur();
  });
  await change(() => sri.getByRole("button", { name: "Urungkan", exact: true }).first().click());
  await change(() => sri.getByRole("button", { name: "Ulangi", exact: true }).first().click());
});
