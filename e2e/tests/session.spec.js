// Signing in, and what it means for the device.

import { expectAccessible } from "../world/accessible.js";
import { Proxy, links } from "../world/proxy.js";
import { begin, expectSafety, field, open, write } from "../world/record.js";
import { expect, test } from "../world/test.js";

test("a wrong password is told in a sentence and nobody is signed in", async ({ world }) => {
  world.complaints.expect(/status of 401/);
  const device = await world.device();
  const page = await device.tab("/");
  await page.getByLabel("Nama pengguna").fill("sri");
  await page.getByLabel("Kata sandi", { exact: true }).fill("bukan ini");
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(page.getByText("Nama pengguna atau kata sandi tidak cocok")).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Menu utama" })).toBeHidden();
});

test("once signed in, the app opens without relay and network", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  await world.pullThePlug();
  await page.goto(`${world.relay.url}/laporan`);
  await expect(page.getByRole("heading", { level: 1, name: "Laporan" })).toBeVisible();
  await expect(page.getByText("Luring").first()).toBeVisible();
});

const OWN = "kuda hijau minum teh";

async function fillSignIn(page, user, password) {
  await page.getByLabel("Nama pengguna").fill(user);
  await page.getByLabel("Kata sandi", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
}

async function fillNew(form, password, again = password) {
  await form.getByLabel("Kata sandi baru", { exact: true }).fill(password);
  await form.getByLabel("Kata sandi baru sekali lagi").fill(again);
}

/** The head of the page that asks for another password. */
const due = (page) => page.getByRole("heading", { level: 1, name: "Ganti kata sandi dahulu" });
const menu = (page) => page.getByRole("navigation", { name: "Menu utama" });

test("a password that somebody else set is changed before the app opens, and a common one is refused with the reason", async ({
  world,
}) => {
  world.complaints.expect(/status of 422/);
  world.relay.operateWith("Layar-Senja-12\n", "user", "password", "sri");
  const device = await world.device("ponsel", { viewport: { width: 360, height: 740 } });
  const page = await device.tab("/laporan");
  await fillSignIn(page, "sri", "Layar-Senja-12");
  await expect(due(page)).toBeVisible();
  await page.getByRole("button", { name: "Kembali ke halaman masuk" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
  await expect(page.getByLabel("Kata sandi", { exact: true })).toBeFocused();
  await fillSignIn(page, "sri", "Layar-Senja-12");
  await fillNew(page, OWN, "lain sama sekali ini");
  await page.getByRole("button", { name: "Ganti kata sandi" }).click();
  await expect(page.getByText("Kedua kata sandi baru tidak sama.")).toBeVisible();
  await fillNew(page, "Rahasia-123456");
  await page.keyboard.press("Enter");
  await expect(page.getByText("termasuk yang pertama kali ditebak")).toBeVisible();
  await expectAccessible(page, "a password to be changed first");
  await expect(menu(page)).toBeHidden();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await fillNew(page, OWN);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Laporan" })).toBeVisible();
  await expect(page.getByText("Tersambung").first()).toBeVisible();
});

test("a password to be changed first that was set anew meanwhile leads back to signing in, with the reason", async ({ world }) => {
  world.complaints.expect(/status of 40[13]/);
  world.relay.operateWith("Layar-Senja-12\n", "user", "password", "sri");
  const page = await (await world.device()).tab("/");
  await fillSignIn(page, "sri", "Layar-Senja-12");
  await expect(due(page)).toBeVisible();
  world.relay.operateWith("Layar-Fajar-34\n", "user", "password", "sri");
  await fillNew(page, OWN);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText(/Sesi Anda di server sudah berakhir|tidak cocok/);
  await expect(due(page)).toBeHidden();
  await fillSignIn(page, "sri", "Layar-Fajar-34");
  await fillNew(page, OWN);
  await page.keyboard.press("Enter");
  await expect(menu(page)).toBeVisible();
});

test("a link sets a password once, lets the person in, and says afterwards that it was used", async ({ world }) => {
  world.complaints.expect(/status of 410/);
  const person = ["--name", "Wayan Sudarma", "--feed", "kab-tanjung-simpul", "--role", "writer"];
  const said = world.relay.operate("user", "add", "wayan", ...person, "--link");
  const [, address] = said.match(/(\/tautan#[0-9a-f]{64})/);
  const device = await world.device("laptop");
  const page = await device.tab(address);
  await expect(page.getByText("Selamat datang, Wayan Sudarma.")).toBeVisible();
  await expectAccessible(page, "the page of a link");
  await fillNew(page, OWN);
  await page.getByRole("button", { name: "Simpan dan masuk" }).click();
  await expect(menu(page)).toBeVisible();
  expect(new URL(page.url()).hash, "the link leaves the address").toBe("");
  const other = await world.device("ponsel");
  const late = await other.tab(address);
  await expect(late.getByText("Tautan ini sudah dipakai")).toBeVisible();
  await expectAccessible(late, "the page of a used link");
  await late.getByRole("button", { name: "Ke Beranda" }).click();
  await fillSignIn(late, "wayan", OWN);
  await expect(menu(late)).toBeVisible();
});

test("a link that is looked at too often can be tried again, and where only the sign-in after it fails, it says so", async ({ world }) => {
  world.complaints.expect(/status of 429|ERR_FAILED/);
  const person = ["--name", "Wayan Sudarma", "--feed", "kab-tanjung-simpul", "--role", "writer"];
  const [, address] = world.relay.operate("user", "add", "wayan", ...person, "--link").match(/(\/tautan#[0-9a-f]{64})/);
  const device = await world.device();
  const once = { times: 1 };
  const tooMany = { status: 429, headers: { "retry-after": "7" }, body: "" };
  await device.context.route("**/api/v1/link", (route) => route.fulfill(tooMany), once);
  await device.context.route("**/api/v1/session", (route) => route.abort(), once);
  const page = await device.tab(address);
  await expect(page.getByText("Tunggu 7 detik, lalu coba lagi.")).toBeVisible();
  await page.getByRole("button", { name: "Coba lagi" }).click();
  await expect(page.getByText("Selamat datang, Wayan Sudarma.")).toBeVisible();
  await fillNew(page, OWN);
  await page.getByRole("button", { name: "Simpan dan masuk" }).click();
  await expect(page.getByText("Kata sandi baru sudah berlaku. Masuklah dengan kata sandi itu.")).toBeVisible();
  await expect(page.getByText("Server tidak terjangkau.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
  await fillSignIn(page, "wayan", OWN);
  await expect(menu(page)).toBeVisible();
});

test("another device is signed out at once and keeps its work", async ({ world }) => {
  world.complaints.expect(/status of 401/);
  const { page: phone } = await world.signedIn("sri", { viewport: { width: 360, height: 740 } });
  const { page } = await world.signedIn("sri");
  await page.goto(`${world.relay.url}/pengaturan`);
  const devices = page.getByRole("region", { name: "Perangkat saya" });
  await expect(devices.getByText("perangkat ini")).toBeVisible();
  await devices.getByRole("button", { name: /^Keluarkan Chrome/ }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("belum terkirim tetap tersimpan di perangkat itu")).toBeVisible();
  await dialog.getByRole("button", { name: "Keluarkan", exact: true }).click();
  await expect(page.getByText("Perangkat itu sudah dikeluarkan.")).toBeVisible();
  await expect(devices.getByText("sudah keluar").first()).toBeVisible();
  await expect(phone.getByText("Sesi di server sudah berakhir.").filter({ visible: true }).first()).toBeVisible();
  await expect(phone.getByRole("link", { name: "Laporan" }).first(), "it goes on as it is").toBeVisible();
  await page.reload();
  await expect(devices.getByText("perangkat ini"), "who did it stays").toBeVisible();
});

test("a device that was revoked says so, and who signs in there again finds their work and no false word of it", async ({ world }) => {
  world.complaints.expect(/status of 401/);
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await write(page, "Judul kegiatan", "Laporan yang belum terkirim");
  await expectSafety(page, "Di server");
  await device.goOffline();
  await write(page, "Penutup", "Ditulis sebelum pencabutan diketahui.");
  // The demonstration's own device never came.
  const [, mine] = world.relay.operate("device", "list", "sri").match(/^([0-9a-f]{32})\tsri\t(?!.*\tnever)/m);
  world.relay.operate("device", "revoke", mine);
  await device.goOnline();
  const said = page.getByText("Perangkat ini dicabut: oleh admin").filter({ visible: true });
  await expect(said.first()).toBeVisible();
  await page.reload();
  await expect(said.first()).toBeVisible();
  await expect(page.getByText("mungkin tersalin atau rusak")).toHaveCount(0);
  await page.getByRole("status").getByRole("link", { name: "Masuk" }).click();
  await expect(said.first()).toBeVisible();
  await page.getByLabel("Kata sandi", { exact: true }).fill(world.account("sri").password);
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toHaveCount(0);
  await expect(page.getByText("terkirim saat ia masuk lagi")).toHaveCount(0);
  await expect(said).toHaveCount(0);
  await open(page, "Laporan", "Laporan yang belum terkirim");
  await expect(field(page, "Penutup")).toHaveValue("Ditulis sebelum pencabutan diketahui.");
});

test("one's own password is changed in the settings, and offline the page says what it needs", async ({ world }) => {
  world.complaints.expect(/status of 40[13]/);
  const { device, page } = await world.signedIn("budi");
  await page.goto(`${world.relay.url}/pengaturan`);
  const part = page.getByRole("region", { name: "Ganti kata sandi" });
  const old = world.account("budi").password;
  const change = async (before) => {
    await part.getByLabel("Kata sandi lama").fill(before);
    await fillNew(part, OWN);
    await page.keyboard.press("Enter");
  };
  await device.goOffline();
  await change(old);
  await expect(part.getByText("Ini hanya dapat dilakukan dengan sambungan")).toBeVisible();
  await device.goOnline();
  await change("bukan yang lama");
  await expect(part.getByText("Kata sandi lama tidak cocok")).toBeVisible();
  await change(old);
  await expect(page.getByText("Kata sandi diganti.")).toBeVisible();
  const other = await world.device("ponsel");
  const late = await other.tab("/");
  await fillSignIn(late, "budi", old);
  await expect(late.getByText("Nama pengguna atau kata sandi tidak cocok")).toBeVisible();
  await fillSignIn(late, "budi", OWN);
  await expect(menu(late)).toBeVisible();
});

test("an open app asks for a setting of its feed as soon as it is set", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await expect(page.getByText("Tersambung").first()).toBeVisible();
  const asked = page.waitForResponse(/\/feeds\/kab-tanjung-simpul\/settings\?since=/);
  world.relay.operate("feed", "set", "kab-tanjung-simpul", "idle-lock", "30");
  expect((await asked).status()).toBe(200);
});

/** What the relay answers to the session that a device's browser was given. */
async function session(world, device) {
  const { value } = (await device.context.cookies()).find(({ name }) => name === "simpul_session");
  const headers = { cookie: `simpul_session=${value}` };
  return async () => (await fetch(`${world.relay.url}/api/v1/devices`, { headers })).status;
}

async function signOut(page) {
  await menu(page).getByRole("link", { name: "Pengaturan" }).click();
  await page.getByRole("main").getByRole("button", { name: "Keluar", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Keluar" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
}

test("a sign-out that was made offline ends the session at the relay as soon as there is a network, with the page still open", async ({
  world,
}) => {
  const { device, page } = await world.signedIn("sri");
  const answer = await session(world, device);
  await device.goOffline();
  await signOut(page);
  expect(await answer(), "the relay cannot know yet").toBe(200);
  await device.goOnline();
  await expect.poll(answer).toBe(401);
});

test("a sign-out that only a hotel's network answered ends the session at the relay at the browser's next start, and who signs in first is not held up", async ({
  world,
}) => {
  world.complaints.networkIsAway = true;
  world.complaints.expect(/script has an unsupported MIME type/);
  const link = await Proxy.to(world.relay);
  const { device, page } = await world.signedIn("sri", { url: link.url });
  const answer = await session(world, device);
  link.behave(links.captured());
  await signOut(page);
  expect(await answer(), "nobody told the relay").toBe(200);
  await fillSignIn(page, "sri", world.account("sri").password);
  await expect(page.getByRole("alert")).toContainText("Yang menjawab bukan server Simpul");
  const again = await device.restart();
  await expect(again.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
  expect(await answer()).toBe(200);
  link.behave(links.good());
  await again.reload();
  await expect.poll(answer).toBe(401);
  await fillSignIn(again, "sri", world.account("sri").password);
  await expect(menu(again)).toBeVisible();
  await link.close();
});

test("signing out the others, and then everywhere, ends each session at the relay, and each screen says so", async ({ world }) => {
  world.complaints.expect(/status of 401|WebSocket connection to/);
  const { device: pocket, page: phone } = await world.signedIn("sri", { viewport: { width: 360, height: 740 } });
  const { device: desk, page } = await world.signedIn("sri");
  const onDesk = await session(world, desk);
  const onPhone = await session(world, pocket);
  const isOver = phone.getByText("Sesi di server sudah berakhir.").filter({ visible: true }).first();
  await menu(page).getByRole("link", { name: "Pengaturan" }).click();
  const devices = page.getByRole("region", { name: "Perangkat saya" });

  await devices.getByRole("button", { name: "Keluarkan perangkat lain" }).click();
  const others = page.getByRole("dialog", { name: "Keluarkan semua perangkat lain?" });
  await others.getByRole("button", { name: "Keluarkan", exact: true }).click();
  await expect(isOver).toBeVisible();
  expect([await onPhone(), await onDesk()]).toEqual([401, 200]);
  await expect(devices.getByRole("button", { name: "Keluarkan perangkat lain" }), "there are none left").toHaveCount(0);
  await expect(page.getByText("Tersambung").first()).toBeVisible();

  await phone.getByRole("complementary", { name: "Pemberitahuan" }).getByRole("link", { name: "Masuk" }).click();
  await phone.getByLabel("Kata sandi", { exact: true }).fill(world.account("sri").password);
  await phone.getByRole("main").getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(phone.getByText("Tersambung").first()).toBeVisible();
  const onPhoneAgain = await session(world, pocket);
  expect(await onPhoneAgain()).toBe(200);

  await devices.getByRole("button", { name: "Keluar di semua perangkat" }).click();
  const everywhere = page.getByRole("dialog", { name: "Keluar di semua perangkat, juga di sini?" });
  await everywhere.getByRole("button", { name: "Keluar", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Masuk" })).toBeVisible();
  await expect(isOver).toBeVisible();
  expect([await onPhoneAgain(), await onDesk()]).toEqual([401, 401]);
});
