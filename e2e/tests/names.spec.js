// Who wrote: by name, on every device, for ever.

import { history } from "../world/actions.js";
import { begin, expectSafety, field, open, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const BUDI = "Budi Santosa (peragaan)";

test("who writes from a device that nobody here has heard of is named after one question to the relay, and keeps the name on every device when their account is gone", async ({
  world,
}) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Laporan baru");
  await writeOn(sri, "Judul kegiatan", "Laporan bernama");
  await expectSafety(sri, "Di server");
  const address = new URL(sri.url()).pathname;
  const questions = [];
  sri.on("request", (request) => {
    if (request.url().includes("/api/v1/directory")) questions.push(request.url());
  });

  // Budi's device is enrolled after Sri's has read who there is.
  const { device } = await world.signedIn("budi");
  const budi = await device.tab(address);
  await writeOn(budi, "Penutup", "Ditulis Budi.");
  await expectSafety(budi, "Di server");
  await expect(field(sri, "Penutup")).toHaveValue("Ditulis Budi.");
  const shown = await history(sri);
  await expect(shown.getByText(BUDI).first()).toBeVisible();
  await expect(shown.getByText(/^Perangkat lain/)).toHaveCount(0);
  expect(questions).toHaveLength(1);
  await budi.close();
  await device.turnOff();

  world.relay.operate("user", "role", "budi", "--feed", "kab-tanjung-simpul", "--role", "none");
  world.relay.operate("user", "disable", "budi");
  await sri.reload();
  const { page: ketut } = await world.signedIn("ketut");
  await open(ketut, "Laporan", "Laporan bernama");
  for (const page of [sri, ketut]) {
    const shown = await history(page);
    await expect(shown.getByText(BUDI).first()).toBeVisible();
    await expect(shown.getByText(/^Perangkat lain/)).toHaveCount(0);
  }
});

test("a name that the office changes stands everywhere, also on the person's own device", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await expect(page.getByRole("heading", { level: 1, name: /Sri Wahyuni/ })).toBeVisible();
  world.relay.operate("user", "change", "sri", "--name", "Sri Lestari");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: /^Selamat .*, Sri Lestari$/ })).toBeVisible();
  await page.getByRole("navigation", { name: "Menu utama" }).getByRole("link", { name: "Pengaturan" }).click();
  await expect(page.getByRole("main").getByText("Sri Lestari", { exact: true })).toBeVisible();
  await expect(page.getByText("Sri Wahyuni")).toHaveCount(0);
});
