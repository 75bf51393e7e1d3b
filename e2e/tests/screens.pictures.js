// Takes every screen with the demonstration's data. The result is for eyes: e2e/pictures/NAME-WIDTH-SCHEME.png, each from its
// top to its end, and e2e/pictures/readme/NAME.png, as large as the window.

import fs from "node:fs";
import path from "node:path";
import { test } from "../world/test.js";
import { DESKTOP, PHONE, TABLET, go, screens } from "../world/screens.js";

const folder = path.join(import.meta.dirname, "../pictures");
fs.mkdirSync(path.join(folder, "readme"), { recursive: true });

/** What the README shows. */
const IN_README = { "laporan-isi": DESKTOP, "rencana-aksi-isi": DESKTOP, beranda: PHONE };

async function take(page, name, viewport, show) {
  for (const colorScheme of ["light", "dark"]) {
    // Before the page is drawn: Chromium leaves parts of a drawn one in the colours that it had.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await show(page);
    await page.evaluate(() => document.fonts.ready);
    if (IN_README[name] === viewport && colorScheme === "light") await page.screenshot({ path: path.join(folder, "readme", `${name}.png`) });
    // In a window as high as the page: what is far below the fold is drawn only once it comes into sight.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ ...viewport, height: Math.max(height, viewport.height) });
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.screenshot({ path: path.join(folder, `${name}-${viewport.width}-${colorScheme}.png`), fullPage: true });
    await page.setViewportSize(viewport);
  }
}

for (const viewport of [PHONE, TABLET, DESKTOP]) {
  test(`every screen at ${viewport.width} px`, async ({ world }) => {
    const signedOut = await world.device("tamu", { viewport });
    const page = await signedOut.tab("/masuk");
    await take(page, "masuk", viewport, (page) => go(page, "/masuk"));

    const { page: signedIn } = await world.signedIn("writer", { viewport });
    // What the relay has is on its way; a picture of an empty office says little.
    for (const title of ["Bimbingan Teknis Kerja Sama Sister", "Kerja sama Kota Surabaya – Seattle"]) {
      await signedIn.getByText(title).first().waitFor();
    }
    for (const [name, show] of Object.entries(screens)) {
      await take(signedIn, name, viewport, show);
    }
    await take(signedIn, "berhenti", viewport, async (page) => {
      await go(page, "/");
      await page.evaluate(() => window.simpul.panic("gambar"));
    });
  });
}
