// Takes every screen with the demonstration's data. The result is for eyes: e2e/pictures/NAME-WIDTH-SCHEME.png.

import fs from "node:fs";
import path from "node:path";
import { test } from "../world/test.js";
import { DESKTOP, PHONE, go, screens } from "../world/screens.js";

const folder = path.join(import.meta.dirname, "../pictures");
fs.mkdirSync(folder, { recursive: true });

async function take(page, name, viewport) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: path.join(folder, `${name}-${viewport.width}-${colorScheme}.png`), fullPage: true });
  }
}

for (const viewport of [PHONE, DESKTOP]) {
  test(`every screen at ${viewport.width} px`, async ({ world }) => {
    const signedOut = await world.device("tamu", { viewport });
    const page = await signedOut.tab("/masuk");
    await go(page, "/masuk");
    await take(page, "masuk", viewport);

    const { page: signedIn } = await world.signedIn("writer", { viewport });
    for (const [name, show] of Object.entries(screens)) {
      await show(signedIn);
      await take(signedIn, name, viewport);
    }
    await signedIn.evaluate(() => window.simpul.panic("gambar"));
    await take(signedIn, "berhenti", viewport);
  });
}
