// A page's translator puts a copy in place of each text. The marks stay true all the same.

import { begin, expectSafety, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

/** Puts a copy of each text outside of fields into an element of its own, as translators do, for as long as the page lives. */
function translate() {
  const isDone = (node) => node.parentElement?.closest("font, textarea, script, style, title");
  const wrap = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts.filter((text) => text.data.trim() && !isDone(text))) {
      const font = document.createElement("font");
      font.textContent = text.data;
      text.replaceWith(font);
    }
  };
  wrap(document.body);
  new MutationObserver((changes) => {
    for (const { target } of changes) if (target.isConnected) wrap(target.nodeType === Node.TEXT_NODE ? target.parentNode : target);
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
}

test("under a page's translator the marks of connection and record and the page's heading stay true", async ({ world }) => {
  const { page, device } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await page.evaluate(translate);
  const connection = page.locator(".status-connection");
  await expect(connection).toHaveText("Tersambung");
  await device.goOffline();
  await expect(connection).toHaveText("Luring", { timeout: 30_000 });
  await writeOn(page, "Penutup", "Di kapal.");
  await expectSafety(page, "Di perangkat ini");
  await device.goOnline();
  await expect(connection).toHaveText("Tersambung", { timeout: 30_000 });
  await expectSafety(page, "Di server", { timeout: 30_000 });
  const menu = page.getByRole("navigation", { name: "Menu utama" });
  await menu.getByRole("link", { name: "Laporan", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Laporan");
  await menu.getByRole("link", { name: "Kerja sama", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Kerja sama");
});
