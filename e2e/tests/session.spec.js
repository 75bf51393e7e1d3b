// Signing in, and what it means for the device.

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
