// After the relay was restored from a backup: what a device keeps that the relay does not know any more.

import fs from "node:fs";
import path from "node:path";
import { expectAccessible } from "../world/accessible.js";
import { expectConnection, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const FEED = "desa-dermaga";
const QUESTION = "Hak Anda sedang diperiksa: server dipulihkan dari cadangan dan belum mengenal hak Anda di sini.";

const menu = (page) => page.getByRole("navigation", { name: "Menu utama" });

async function signInAgain(world, page) {
  await page.getByRole("complementary", { name: "Pemberitahuan" }).getByRole("link", { name: "Masuk" }).click();
  await page.getByLabel("Kata sandi", { exact: true }).fill(world.account("sri").password);
  await page.getByRole("main").getByRole("button", { name: "Masuk", exact: true }).click();
  await expectConnection(page, "Tersambung");
}

test("a record of a region that a restored server does not know is kept, read-only and with the reason, until its right is set again", async ({
  world,
}) => {
  world.complaints.expect(/status of 401|WebSocket connection to/);
  const give = () => {
    world.relay.operate("feed", "add", FEED, "--name", "Desa Dermaga");
    world.relay.operate("user", "role", "sri", "--feed", FEED, "--role", "writer");
  };
  const { page } = await world.signedIn("sri");
  const data = path.join(world.relay.folder, "data");
  const backup = path.join(world.relay.folder, "backup.sqlite");
  world.relay.operate("backup", backup);
  give();
  await menu(page).getByRole("link", { name: "Pengaturan" }).click();
  const rights = page.getByRole("main").locator(".facts > div").filter({ hasText: "Desa Dermaga" });
  await expect(rights).toContainText("Penulis");
  await page.getByRole("button", { name: "Buat baru" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Laporan baru" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Desa Dermaga" }).click();
  await writeOn(page, "Penutup", "Setelah cadangan.");
  await expectSafety(page, "Di server");
  const address = page.url();

  // The store that is replaced is lost: nothing says what was given since the backup.
  await world.stopRelay();
  for (const ending of ["", "-wal", "-shm"]) fs.rmSync(path.join(data, `simpul.sqlite${ending}`), { force: true });
  world.relay.operate("restore", backup, "--accounts-as-in-backup");
  await world.startRelay();
  await expectConnection(page, "Perlu masuk lagi", { timeout: 20_000 });
  await signInAgain(world, page);
  await page.goto(address);
  await expect(page.getByRole("main").getByText(QUESTION)).toBeVisible();
  await expectAccessible(page, "a record whose right is in question");
  const closing = page.getByRole("main").getByText("Setelah cadangan.");
  await expect(page.locator(".paper"), "it can be read").toContainText("Setelah cadangan.");
  await expect(field(page, "Penutup")).not.toBeEditable();
  for (const name of ["Ajukan", "Tambah dasar"]) await expect(page.getByRole("button", { name })).toHaveCount(0);
  await menu(page).getByRole("link", { name: "Pengaturan" }).click();
  await expect(rights).toContainText("sedang diperiksa");

  give();
  await expect(rights).toContainText("Penulis");
  await page.goto(address);
  await expect(field(page, "Penutup")).toHaveValue("Setelah cadangan.");
  await expect(page.getByText(QUESTION)).toHaveCount(0);
  await writeOn(page, "Penutup", " Dan sesudahnya.");
  await expectSafety(page, "Di server");
  const { device } = await world.signedIn("budi");
  world.relay.operate("user", "role", "budi", "--feed", FEED, "--role", "reader");
  const theirs = await device.tab(new URL(address).pathname);
  await expect(theirs.getByRole("main")).toContainText("Setelah cadangan. Dan sesudahnya.", { timeout: 20_000 });
});
