// Colleagues in one field: who they are is said, covers nothing, and what two set at once has room to be compared.

import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");

/** A record of sri's that others have open, too. */
async function shared(world, what, names, write) {
  const sri = await world.signedIn("sri", { viewport: { width: 1280, height: 800 } });
  await begin(sri.page, what);
  await write(sri.page);
  await expectSafety(sri.page, "Di server");
  const address = new URL(sri.page.url()).pathname;
  const others = await Promise.all(
    names.map((name) => world.signedInAt(name, address)),
  );
  return [sri, ...others];
}

test("two colleagues in one text are both named, beside its buttons and not over them", async ({ world }) => {
  const [sri, budi, ketut] = await shared(world, "Laporan baru", ["budi", "ketut"], async (page) => {
    await writeOn(page, "Penutup", "Demikian.");
  });
  // Who decides reads the page first.
  for (const { page } of [budi, ketut]) {
    const form = page.getByRole("tab", { name: "Isian" });
    if (await form.isVisible()) await form.click();
    await field(page, "Penutup").focus();
  }
  await field(sri.page, "Penutup").focus();
  const label = main(sri.page).locator(".field", { has: sri.page.getByRole("textbox", { name: "Penutup", exact: true }) }).locator(".field-presence");
  await expect(label).toContainText("Budi");
  await expect(label).toContainText("Ketut");
  const tools = main(sri.page).getByRole("toolbar");
  const [names, buttons] = [await label.boundingBox(), await tools.boundingBox()];
  const apart = names.y >= buttons.y + buttons.height || names.y + names.height <= buttons.y || names.x >= buttons.x + buttons.width || names.x + names.width <= buttons.x;
  expect(apart, "nothing of one lies over the other").toBe(true);
  await tools.getByRole("button", { name: "Tebal" }).click();
  await expect(field(sri.page, "Penutup")).toHaveValue(/\*\*/);
});

test("values to choose between take the width of the form, side by side", async ({ world }) => {
  const [sri, budi] = await shared(world, "Kerja sama baru", ["budi"], async (page) => {
    await field(page, "Judul kerja sama").fill("Sleman dan Kyoto");
    await field(page, "Judul kerja sama").blur();
  });
  await expect(field(budi.page, "Pemrakarsa")).toBeVisible();
  await Promise.all([sri.device.goOffline(), budi.device.goOffline()]);
  for (const [{ page }, value] of [[sri, "Bupati"], [budi, "Gubernur"]]) {
    await field(page, "Pemrakarsa").fill(value);
    await field(page, "Pemrakarsa").blur();
  }
  await Promise.all([sri.device.goOnline(), budi.device.goOnline()]);
  const panel = main(sri.page).getByRole("group", { name: "Perlu dipilih: Pemrakarsa" });
  await expect(panel).toBeVisible({ timeout: 30_000 });
  const form = await main(sri.page).locator(".fields", { has: sri.page.getByRole("group", { name: "Perlu dipilih: Pemrakarsa" }) }).boundingBox();
  expect((await panel.boundingBox()).width).toBeGreaterThan(form.width - 2);
  const [one, two] = await panel.getByRole("listitem").all();
  expect((await one.boundingBox()).y).toBe((await two.boundingBox()).y);
});

test("who has a record open is seen by who comes later, and where they stand, and no more once they have gone", async ({ world }) => {
  const [sri, budi] = await shared(world, "Kerja sama baru", ["budi"], async (page) => {
    await field(page, "Judul kerja sama").fill("Sleman dan Kyoto");
    await field(page, "Judul kerja sama").blur();
  });
  const here = (page) => main(page).locator(".record-marks").getByText(/^Sedang di dokumen ini:/);
  await test.step("who only reads is there too", async () => {
    await expect(here(sri.page)).toHaveText("Sedang di dokumen ini: Budi Santosa (peragaan)");
    await expect(here(budi.page)).toHaveText("Sedang di dokumen ini: Sri Wahyuni (peragaan)");
  });
  await field(sri.page, "Pemrakarsa").focus();
  const stands = (page) => main(page).locator(".field", { has: page.getByLabel("Pemrakarsa", { exact: true }) }).locator(".field-presence");
  await expect(stands(budi.page)).toContainText("Sri");
  await test.step("after a reload the field that a colleague has not left is marked again", async () => {
    await budi.page.reload();
    // Sooner than she is told again by the clock.
    await expect(stands(budi.page)).toContainText("Sri", { timeout: 8_000 });
  });
  await test.step("who goes to another address is gone at once", async () => {
    await sri.page.goto(`${world.relay.url}/laporan`);
    await expect(here(budi.page)).toHaveCount(0, { timeout: 3_000 });
  });
});
