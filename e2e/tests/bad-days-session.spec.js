// Bad days of a session: wrong words, no relay, a session that ends, a role that is taken, and a second person on the
// same browser.

import fs from "node:fs";
import { expectAccessible } from "../world/accessible.js";
import { keptForOffline } from "../world/device.js";
import { begin, expectConnection, expectSafety, field, write, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

async function fillIn(page, user, password) {
  const main = page.getByRole("main");
  await main.getByLabel("Nama pengguna").fill(user);
  await main.getByLabel("Kata sandi", { exact: true }).fill(password);
  await main.getByRole("button", { name: "Masuk", exact: true }).click();
}

/** Nothing of a person is kept: no database, no name. */
async function expectNothingKept(page) {
  const kept = await page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    people: localStorage.getItem("simpul.people"),
    signedIn: localStorage.getItem("simpul.signed-in"),
  }));
  expect(kept).toEqual({ databases: [], people: null, signedIn: null });
}

/** Ends every session of a person on the relay, as an operator does whose officer lost a phone. */
function endSessions(world, user) {
  world.relay.operate("user", "disable", user);
  world.relay.operate("user", "enable", user);
}

const menu = (page) => page.getByRole("navigation", { name: "Menu utama" });

test("a wrong password gives a sentence, keeps nothing of the person, and the right one works afterwards", async ({ world }) => {
  world.complaints.expect(/status of 401/);
  const account = world.account("writer");
  const page = await (await world.device()).tab("/laporan");
  await fillIn(page, account.user, "bukan kata sandinya");
  await expect(page.getByRole("alert")).toContainText("Nama pengguna atau kata sandi tidak cocok");
  await expectNothingKept(page);
  await page.reload();
  await expect(menu(page)).toBeHidden();

  await fillIn(page, account.user, account.password);
  await expect(page.getByRole("heading", { level: 1, name: "Laporan" })).toBeVisible();
});

test("signing in while the relay is down says so, keeps what was entered, and works once it is back", async ({ world }) => {
  const account = world.account("writer");
  const page = await (await world.device()).tab("/");
  await keptForOffline(page);
  await world.stopRelay();
  await fillIn(page, account.user, account.password);
  await expect(page.getByRole("alert")).toContainText("Server tidak terjangkau");
  await expectNothingKept(page);
  await expect(page.getByLabel("Nama pengguna")).toHaveValue(account.user);

  await world.startRelay();
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(menu(page)).toBeVisible();
});

test("a session that ended while the device was offline costs no work: sign-in is asked once online, then the queue is sent", async ({ world }) => {
  world.complaints.expect(/status of 401|WebSocket connection to/);
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await expectSafety(page, "Di server");
  await world.pullThePlug();
  await writeOn(page, "Penutup", "Sesi berakhir di jalan.");
  await expectSafety(page, "Di perangkat ini");
  endSessions(world, "sri");

  // Offline nobody is asked for a password: the app starts and goes on.
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Sesi berakhir di jalan.");
  await expectConnection(page, "Luring");
  const banner = page.getByRole("complementary", { name: "Pemberitahuan" });
  await expect(banner.getByRole("link", { name: "Masuk" })).toBeHidden();

  await world.plugIn();
  await expect(banner.getByText("Sesi di server sudah berakhir. Pekerjaan tetap tersimpan di perangkat ini")).toBeVisible();
  await expectConnection(page, "Perlu masuk lagi");
  await expectConnection(page, "Belum terkirim:");

  // Asked, not forced: one can go on writing.
  await writeOn(page, "Penutup", " Tetap menulis.");
  await expectSafety(page, "Di perangkat ini");
  const address = new URL(page.url()).pathname;
  await banner.getByRole("link", { name: "Masuk" }).click();
  // The page stays where it is needed, also over a reload.
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
  await expect(page.getByText("Sesi Anda di server sudah berakhir.")).toBeVisible();
  await expect(page.getByText("Tidak ada yang hilang.")).toBeVisible();
  await page.getByLabel("Kata sandi", { exact: true }).fill(world.account("sri").password);
  await page.getByRole("main").getByRole("button", { name: "Masuk", exact: true }).click();
  await expectConnection(page, "Tersambung");

  const again = await device.tab(address);
  await expect(field(again, "Penutup")).toHaveValue("Sesi berakhir di jalan. Tetap menulis.");
  await expectSafety(again, "Di server");
  const { device: other } = await world.signedIn("budi");
  const theirs = await other.tab(address);
  await expect(field(theirs, "Penutup")).toHaveValue("Sesi berakhir di jalan. Tetap menulis.");
});

test("a role that was taken while the device was offline takes its records from the device, says why, and keeps unsent work for export and for the role's return", async ({
  world,
}) => {
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await writeOn(page, "Judul kegiatan", "Laporan di tengah jalan");
  await expectSafety(page, "Di server");
  await menu(page).getByRole("link", { name: "Laporan", exact: true }).click();
  const mine = page.getByRole("main").getByRole("link", { name: "Laporan di tengah jalan" });
  const others = page.getByRole("main").getByRole("link", { name: "Bimbingan Teknis Kerja Sama Sister" });
  await expect(others.first()).toBeVisible();
  await mine.first().click();
  await device.goOffline();
  await writeOn(page, "Penutup", "Ditulis tanpa sambungan.");
  await write(page, "Tanggal laporan", "hari Rabu kemarin");
  await expectSafety(page, "Di perangkat ini");
  world.relay.operate("user", "role", "sri", "--feed", "kab-tanjung-simpul", "--role", "none");
  // Until the relay says so, nothing is taken.
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Ditulis tanpa sambungan.");

  await device.goOnline();
  await expect(page.getByText(/^Hak Anda di Kabupaten Tanjung Simpul .*dicabut, jadi dokumennya dihapus/)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Dokumen ini tidak lagi ada di perangkat ini" })).toBeVisible();
  await expect(page.getByText("Hak Anda di wilayahnya dicabut.")).toBeVisible();
  await expectAccessible(page, "a record of a lost role");
  await menu(page).getByRole("link", { name: "Laporan", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Laporan", exact: true })).toBeVisible();
  await expect(page.getByText("Belum ada laporan")).toBeVisible();
  await expect(mine.or(others)).toHaveCount(0);

  // Nothing can be begun without a role, and the person reads why.
  await expect(page.getByRole("button", { name: /^(Buat baru|Laporan baru)$/ })).toHaveCount(0);
  const why = page.getByRole("main").getByText("Akun Anda tidak mempunyai peran di daerah mana pun");
  await expect(why).toBeVisible();
  await menu(page).getByRole("link", { name: "Beranda" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^Selamat/ })).toBeVisible();
  await expect(why).toBeVisible();
  await expectAccessible(page, "the home page without a role");
  await page.keyboard.press("n");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await menu(page).getByRole("link", { name: "Pengaturan" }).click();
  const work = page.getByRole("region", { name: "Pekerjaan di perangkat ini" });
  await expect(work.getByText("0 dokumen tersimpan")).toBeVisible();
  await expect(work.getByText("Disisihkan karena hak dicabut")).toBeVisible();
  await expect(work.getByText("Laporan di tengah jalan")).toBeVisible();
  await expect(work.getByText(/^\d+ perubahan · Kabupaten Tanjung Simpul \(peragaan\)$/)).toBeVisible();
  await expectAccessible(page, "settings with work kept aside");
  const download = page.waitForEvent("download");
  await work.getByRole("button", { name: "Ekspor berkas" }).click();
  const exported = JSON.parse(fs.readFileSync(await (await download).path(), "utf8"));
  expect(exported.documents).toHaveLength(1);
  const [{ set_aside: aside, set_aside_text: words }] = exported.documents;
  expect(new Set(aside.map(({ reason }) => reason.RoleLost.title))).toEqual(new Set(["Laporan di tengah jalan"]));
  expect(words, "what could not be read, too").toBe("Ditulis tanpa sambungan.\nhari Rabu kemarin");

  // With the role the record comes back, and what was kept aside can be applied to it.
  world.relay.operate("user", "role", "sri", "--feed", "kab-tanjung-simpul", "--role", "writer");
  await menu(page).getByRole("link", { name: "Laporan", exact: true }).click();
  await mine.first().click({ timeout: 20_000 });
  // It was never sent, so the server has refused nothing.
  await expectSafety(page, "Disisihkan");
  const setAside = page.locator(".notice").filter({ hasText: "Sebagian perubahan disisihkan" });
  await expect(setAside.getByText("Hak Anda menulis di wilayah dokumen ini dicabut sebelum ini tersimpan di server.")).toBeVisible();
  await expect(page.getByText(/Server menolak/)).toHaveCount(0);
  await page.getByRole("button", { name: "Terapkan lagi" }).click();
  await expect(field(page, "Penutup")).toHaveValue("Ditulis tanpa sambungan.");
  await expect(field(page, "Tanggal laporan"), "what could not be read waits where it stood").toHaveValue("hari Rabu kemarin");
  await expectSafety(page, "Di server");
});

test("who may only read any more sees the words that were refused, and discards them after a question only", async ({ world }) => {
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Sebelum.");
  await expectSafety(page, "Di server");
  await device.goOffline();
  await writeOn(page, "Penutup", " Ditulis tanpa sambungan.");
  await expectSafety(page, "Di perangkat ini");
  world.relay.operate("user", "role", "sri", "--feed", "kab-tanjung-simpul", "--role", "reader");
  await device.goOnline();

  const refused = page.locator(".notice").filter({ hasText: "Server menolak sebagian perubahan" });
  await expect(refused).toBeVisible({ timeout: 30_000 });
  await refused.getByText("Lihat isinya").click();
  await expect(refused.getByText("Ditulis tanpa sambungan.")).toBeVisible();
  await expect(refused.getByText("Dapat diterapkan lagi setelah Anda boleh menulis")).toBeVisible();
  await expect(refused.getByRole("button", { name: "Terapkan lagi" })).toBeHidden();

  await refused.getByRole("button", { name: "Buang perubahan itu" }).click();
  const question = page.getByRole("dialog", { name: "Buang perubahan yang disisihkan?" });
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(refused).toBeVisible();
  await refused.getByRole("button", { name: "Buang perubahan itu" }).click();
  await question.getByRole("button", { name: "Buang perubahan itu" }).click();
  await expect(refused).toBeHidden();
  await expect(page.getByText("Server menolak sebagian perubahan")).toBeHidden();
});

test("a record that is open while its role is taken and given back is shown again, and goes on", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Sebelum hak dicabut.");
  await expectSafety(page, "Di server");
  const role = (role) => world.relay.operate("user", "role", "sri", "--feed", "kab-tanjung-simpul", "--role", role);
  role("none");
  await expect(page.getByRole("heading", { level: 1, name: "Dokumen ini tidak lagi ada di perangkat ini" })).toBeVisible();
  role("writer");
  await expect(field(page, "Penutup")).toHaveValue("Sebelum hak dicabut.", { timeout: 20_000 });
  await writeOn(page, "Penutup", " Sesudahnya.");
  await expectSafety(page, "Di server");

  // Opened by its address, it is not here; who is connected is not told to connect.
  role("none");
  await expect(page.getByRole("heading", { level: 1, name: "Dokumen ini tidak lagi ada di perangkat ini" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Dokumen ini tidak ada di perangkat ini" })).toBeVisible();
  await expect(page.getByText("atau hak Anda di wilayahnya dicabut.")).toBeVisible();
  await expect(page.getByText("Sambungkan perangkat")).toHaveCount(0);
});

test("a second person on the same browser sees nothing of the first one's unsent work, which is sent when they return", async ({ world }) => {
  world.complaints.expect(/status of 401|WebSocket connection to/);
  const sri = world.account("sri");
  const budi = world.account("budi");
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await writeOn(page, "Judul kegiatan", "Laporan yang sudah terkirim");
  await expectSafety(page, "Di server");
  await world.pullThePlug();
  // Away from the first report, so that its address is not taken for the second one's.
  await menu(page).getByRole("link", { name: "Laporan", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Laporan", exact: true })).toBeVisible();
  await begin(page, "Laporan baru");
  await writeOn(page, "Judul kegiatan", "Laporan rahasia Sri");
  await writeOn(page, "Penutup", "Belum terkirim.");
  await expectSafety(page, "Di perangkat ini");
  const address = new URL(page.url()).pathname;
  endSessions(world, "sri");
  await world.plugIn();
  await expectConnection(page, "Perlu masuk lagi");

  // The second person takes the seat, without the first having signed out.
  await page.getByRole("complementary", { name: "Pemberitahuan" }).getByRole("link", { name: "Masuk" }).click();
  await fillIn(page, budi.user, budi.password);
  await expect(page.getByText(/perubahan milik sri tetap tersimpan di perangkat ini dan terkirim saat ia masuk lagi/)).toBeVisible();
  await expectConnection(page, "Tersambung");
  await menu(page).getByRole("link", { name: "Laporan", exact: true }).click();
  await expect(page.getByRole("link", { name: "Laporan yang sudah terkirim" }).first()).toBeVisible();
  await expect(page.getByText("Laporan rahasia Sri")).toHaveCount(0);
  await page.goto(new URL(address, page.url()).href);
  await expect(page.getByText("Dokumen ini tidak ada di perangkat ini")).toBeVisible();

  // Signed out by the second person, the first comes back.
  await page.goto(new URL("/pengaturan", page.url()).href);
  await page.getByRole("main").getByRole("button", { name: "Keluar", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keluar" }).click();
  await expect(page.getByText("Pekerjaan orang lain di perangkat ini tetap tersimpan terpisah")).toBeVisible();
  await fillIn(page, sri.user, sri.password);
  await expect(menu(page)).toBeVisible();
  await page.goto(new URL(address, page.url()).href);
  await expect(field(page, "Judul kegiatan")).toHaveValue("Laporan rahasia Sri");
  await expect(field(page, "Penutup")).toHaveValue("Belum terkirim.");
  await expectSafety(page, "Di server");
});
