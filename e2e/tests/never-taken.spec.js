// A record that was begun without a network and that the relay never took, since its writer's role was gone by then: no word of
// it is lost, and once the role is back it is applied again and reaches everybody.

import { begin, expectConnection, expectSafety, field, write } from "../world/record.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");
const FEED = "kab-tanjung-simpul";

/** A report that somebody begins and writes offline; gives its address. */
async function begunOffline(device, page) {
  await device.goOffline();
  await begin(page, "Laporan baru");
  await write(page, "Judul kegiatan", "Rapat di Kyoto");
  await write(page, "Penutup", "Semua kata.");
  await expectSafety(page, "Di perangkat ini");
  return new URL(page.url()).pathname;
}

const aside = (page) => main(page).getByRole("group").filter({ has: page.getByRole("button", { name: "Terapkan lagi" }) });

/** Everybody has it, and so has its writer after a reload. */
async function expectTaken(world, page, address) {
  await expect(aside(page)).toHaveCount(0);
  await expectSafety(page, "Di server", { timeout: 30_000 });
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Semua kata.");
  const { page: budi } = await world.signedInAt("budi", address);
  await expect(field(budi, "Penutup")).toHaveValue("Semua kata.");
}

for (const isReloaded of [false, true]) {
  test(`a report begun offline is refused to a reader and applied again by the writer, ${isReloaded ? "after a reload" : "while it is open"}`, async ({ world }) => {
    world.complaints.expect(/WebSocket connection to/);
    const { device, page } = await world.signedIn("sri");
    const address = await begunOffline(device, page);
    world.relay.operate("user", "role", "sri", "--feed", FEED, "--role", "reader");
    await device.goOnline();
    await expect(main(page).getByText("Dapat diterapkan lagi setelah Anda boleh menulis lagi")).toBeVisible({ timeout: 30_000 });
    if (isReloaded) {
      await page.reload();
      await expect(main(page).getByText("Dapat diterapkan lagi setelah Anda boleh menulis lagi")).toBeVisible();
    }
    world.relay.operate("user", "role", "sri", "--feed", FEED, "--role", "writer");
    await aside(page).getByRole("button", { name: "Terapkan lagi" }).click({ timeout: 30_000 });
    await expectTaken(world, page, address);
  });
}

test("a report begun offline by who lost every role is opened from the settings and applied again once the role is back", async ({ world }) => {
  world.complaints.expect(/WebSocket connection to/);
  const { device, page } = await world.signedIn("sri");
  const address = await begunOffline(device, page);
  world.relay.operate("user", "role", "sri", "--feed", FEED, "--role", "none");
  await device.goOnline();
  await page.getByRole("navigation", { name: "Menu utama" }).getByRole("link", { name: "Pengaturan" }).click();
  const kept = main(page).locator(".setting").filter({ hasText: "Rapat di Kyoto" });
  await expect(kept).toBeVisible({ timeout: 30_000 });
  await expect(kept.getByRole("link", { name: "Buka" })).toHaveCount(0);
  await expect(main(page).getByText("Semua sudah terkirim.")).toHaveCount(0);
  world.relay.operate("user", "role", "sri", "--feed", FEED, "--role", "writer");
  await expectConnection(page, "Tersambung", { timeout: 30_000 });
  await kept.getByRole("link", { name: "Buka" }).click({ timeout: 30_000 });
  await aside(page).getByRole("button", { name: "Terapkan lagi" }).click();
  await expectTaken(world, page, address);
});
