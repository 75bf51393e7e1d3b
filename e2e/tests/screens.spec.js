// What holds on every screen: no finding of axe, nothing cut off on a phone, one heading, usable without a mouse.

import { expectAccessible } from "../world/accessible.js";
import { DESKTOP, PHONE, TABLET, go, screens } from "../world/screens.js";
import { expect, test } from "../world/test.js";

async function expectNothingCutOff(page, name) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect.soft(wide, `${name} is no wider than the window`).toBeLessThanOrEqual(room);
}

for (const viewport of [PHONE, TABLET, DESKTOP]) {
  test(`every screen passes axe and fits at ${viewport.width} px, light and dark`, async ({ world }) => {
    test.setTimeout(300_000);
    const guest = await (await world.device("tamu", { viewport })).tab("/masuk");
    const { page } = await world.signedIn("writer", { viewport });
    const all = { masuk: (page) => go(page, "/masuk"), ...screens };
    for (const [name, show] of Object.entries(all)) {
      await test.step(name, async () => {
        const shown = name === "masuk" ? guest : page;
        for (const colorScheme of ["light", "dark"]) {
          // Before the page is drawn: Chromium leaves parts of a drawn one in the colours that it had.
          await shown.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await show(shown);
          await expectAccessible(shown, `${name}, ${colorScheme}`);
        }
        expect.soft(await shown.getByRole("heading", { level: 1 }).count(), `headings of ${name}`).toBe(1);
        if (!name.endsWith("-cetak")) await expectNothingCutOff(shown, name);
      });
    }
  });
}

test("a person signs in, begins a report and writes in it with the keyboard alone", async ({ world }) => {
  const account = world.account("writer");
  const page = await (await world.device()).tab("/masuk");
  const type = (words) => page.keyboard.type(words);
  const press = (key) => page.keyboard.press(key);
  await expect(page.getByLabel("Nama pengguna")).toBeFocused();
  await type(account.user);
  await press("Tab");
  await type(account.password);
  await press("Enter");
  await expect(page.getByRole("navigation", { name: "Menu utama" })).toBeVisible();

  await tabTo(page, page.getByRole("button", { name: "Buat baru" }).first());
  await press("Enter");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Laporan baru" }));
  await press("Enter");
  const closing = page.getByRole("main").getByRole("textbox", { name: "Penutup" });
  await tabTo(page, closing);
  await type("Tanpa tetikus.");
  await expect(closing).toHaveValue("Tanpa tetikus.");

  // Out of the text: there a question mark is a letter.
  await tabTo(page, page.getByRole("button", { name: "Buat baru" }).first());
  await press("?");
  await expect(page.getByRole("dialog", { name: "Pintasan papan tik" })).toBeVisible();
});

/** Presses Tab until the element has the focus; a person would give up after so many. */
async function tabTo(page, element) {
  await expect(element).toBeVisible();
  for (let presses = 0; presses < 200; presses += 1) {
    if (await element.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(element).toBeFocused();
}
