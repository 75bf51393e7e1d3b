// What the screen says where the relay is reached, and the connection is not as it should be.

import { expectAccessible } from "../world/accessible.js";
import { Proxy, links } from "../world/proxy.js";
import { begin, expectConnection, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const menu = (page, name) => page.getByRole("navigation", { name });
const banners = (page) => page.getByRole("complementary", { name: "Pemberitahuan" });

/** Opens what the page says of its connection. */
async function details(page, button = "Rincian sambungan", title = "Sambungan dan penyimpanan") {
  await page.getByRole("button", { name: button }).click();
  return page.getByRole("dialog", { name: title });
}

async function reportOf(page, words) {
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", words);
  await expectSafety(page, "Di server");
  return new URL(page.url()).pathname;
}

test("where a proxy lets no WebSocket through all work arrives, and the connection's dialog says why it is slower and whom to tell", async ({
  world,
}) => {
  world.complaints.networkIsAway = true;
  const link = await Proxy.to(world.relay);
  link.behave(links.withoutUpgrade());
  const { page } = await world.signedIn("sri", { url: link.url });
  const address = await reportOf(page, "Lewat proksi.");
  await expectConnection(page, "Tersambung");
  const { device } = await world.signedIn("budi");
  const theirs = await device.tab(address);
  await writeOn(theirs, "Penutup", " Juga Budi.");
  await expect(field(page, "Penutup")).toHaveValue("Lewat proksi. Juga Budi.");
  expect(world.relay.output, "the proxy does as its like").toContain("a WebSocket came without its `Upgrade`");

  const dialog = await details(page);
  await expect(dialog).toContainText("Jaringan atau server kantor tidak meneruskan sambungan tetap.");
  await expect(dialog).toContainText("Semuanya tetap jalan, tetapi lebih lambat");
  await expect(dialog).toContainText("Sampaikan ini kepada pengelola server Simpul.");
  await page.keyboard.press("Escape");
  await expect(await details(theirs), "nothing is in Budi's way").toContainText("Perubahan dikirim begitu tersimpan.");

  await menu(page, "Menu utama").getByRole("link", { name: "Pengaturan" }).click();
  await page.getByText("English", { exact: true }).click();
  const english = await details(page, "Connection details", "Connection and storage");
  await expect(english).toContainText("The office's network or server lets no lasting connection through.");
  await expect(english).toContainText("Tell the people who run the Simpul server.");

  // Once the proxy is mended, the next connection needs nobody to do anything.
  link.behave(links.noise());
  await expect(english).toContainText("There is no connection.");
  link.behave(links.good());
  await expect(english).toContainText("Changes are sent as soon as they are stored.", { timeout: 20_000 });
  await link.close();
});

test("a device whose address the relay does not take reads why in the relay's words, keeps its work, and sends it once the address is right", async ({
  world,
}) => {
  world.complaints.networkIsAway = true;
  const sentence = "Permintaan ini tidak berasal dari alamat Simpul. Buka Simpul dari alamat resminya.";
  const link = await Proxy.to(world.relay);
  const { page } = await world.signedIn("sri", { url: link.url });
  const address = await reportOf(page, "Sebelum alamat berubah.");
  link.behave(links.changedHost());
  await expectConnection(page, "Server menolak", { timeout: 20_000 });
  await expect(banners(page).getByRole("status").filter({ hasText: sentence })).toBeVisible();
  await expect(await details(page)).toContainText(`Server menjawab: ${sentence} Pekerjaan tetap tersimpan di perangkat ini`);
  await page.keyboard.press("Escape");
  await expectAccessible(page, "a page whose relay refuses the connection");
  await writeOn(page, "Penutup", " Sesudahnya.");
  await expectSafety(page, "Di perangkat ini");
  await page.reload();
  await expectConnection(page, "Server menolak", { timeout: 20_000 });
  await expect(field(page, "Penutup")).toHaveValue("Sebelum alamat berubah. Sesudahnya.");

  await test.step("who signs in there reads the same", async () => {
    const late = await (await world.device("ponsel", { url: link.url })).tab("/");
    await late.getByLabel("Nama pengguna").fill("budi");
    await late.getByLabel("Kata sandi", { exact: true }).fill(world.account("budi").password);
    await late.getByRole("button", { name: "Masuk", exact: true }).click();
    await expect(late.getByRole("alert")).toContainText(`Server menjawab: ${sentence} Coba lagi`);
  });

  link.behave(links.good());
  await expectSafety(page, "Di server", { timeout: 20_000 });
  await expect(banners(page).getByText(sentence)).toHaveCount(0);
  const { device } = await world.signedIn("ketut");
  await expect(field(await device.tab(address), "Penutup")).toHaveValue("Sebelum alamat berubah. Sesudahnya.");
  await link.close();
});

test("whose account is disabled reads that and not that the session is over, wherever they look, and goes on writing on the device", async ({
  world,
}) => {
  world.complaints.expect(/status of 401|WebSocket connection to/);
  const { device, page } = await world.signedIn("sri");
  const address = await reportOf(page, "Sebelum dinonaktifkan.");
  world.relay.operate("user", "disable", "sri");
  const over = page.getByText(/Sesi .*sudah berakhir/).filter({ visible: true });
  const sentence = "Akun Anda dinonaktifkan. Pekerjaan tetap tersimpan di perangkat ini; hubungi admin daerah Anda.";
  await expectConnection(page, "Akun dinonaktifkan");
  await expect(banners(page).getByText(sentence)).toBeVisible();
  await writeOn(page, "Penutup", " Tetap menulis.");
  await expectSafety(page, "Di perangkat ini");
  const submit = page.getByRole("main").getByRole("button", { name: "Ajukan", exact: true });
  await expect(submit, "the server would take no decision of theirs").toHaveCount(0);

  // The next start asks anew, and hears the same.
  await page.reload();
  await expectConnection(page, "Akun dinonaktifkan");
  await expect(await details(page)).toContainText(sentence);
  await page.keyboard.press("Escape");
  await menu(page, "Menu utama").getByRole("link", { name: "Pengaturan" }).click();
  await expect(page.getByRole("region", { name: "Perangkat saya" })).toContainText("Akun Anda dinonaktifkan.");
  await expect(over).toHaveCount(0);
  await banners(page).getByRole("link", { name: "Masuk" }).click();
  await expect(page.getByText("Akun Anda dinonaktifkan. Hubungi admin daerah Anda.")).toBeVisible();
  const signIn = async () => {
    await page.getByLabel("Kata sandi", { exact: true }).fill(world.account("sri").password);
    await page.getByRole("main").getByRole("button", { name: "Masuk", exact: true }).click();
  };
  await signIn();
  await expect(page.getByRole("alert")).toContainText("Akun Anda dinonaktifkan. Hubungi admin daerah Anda.");
  await expect(over).toHaveCount(0);

  world.relay.operate("user", "enable", "sri");
  await signIn();
  await expectConnection(page, "Tersambung");
  const again = await device.tab(address);
  await expect(field(again, "Penutup")).toHaveValue("Sebelum dinonaktifkan. Tetap menulis.");
  await expectSafety(again, "Di server");
});
