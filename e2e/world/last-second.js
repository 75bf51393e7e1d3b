// Rounds of the last second: a person types and the page ends a moment after the last key, in each of the ways in which
// pages end. What they see after coming back is compared with what they typed.

import { expect } from "@playwright/test";
import { field } from "./record.js";

/** How a page ends; each gives the page on which the person comes back. */
const ENDS = {
  reload: async (device, page) => {
    const loaded = page.waitForEvent("domcontentloaded");
    await page.evaluate(() => setTimeout(() => location.reload()));
    await loaded;
    return page;
  },
  F5: async (device, page) => {
    await page.reload({ waitUntil: "commit" });
    return page;
  },
  "another address": async (device, page) => {
    await page.goto("about:blank");
    return page;
  },
  "closing the tab": async (device, page) => {
    // Another one keeps the browser open.
    const next = await device.context.newPage();
    const closed = page.waitForEvent("close");
    await page.close({ runBeforeUnload: true });
    await closed;
    return next;
  },
  "closing the browser": async (device) => {
    await device.turnOff();
    await device.turnOn();
    return device.context.newPage();
  },
};

/**
 * Plays so many rounds of each end, the moments of the ends spread evenly over 0 to 500 ms after the last key, every second
 * one on a processor that is six times slower. Tells `{ rounds, lost, asked, askedLate }` and the page that is open.
 *
 * Where the browser asks whether to leave, the person leaves.
 */
export async function playRounds(device, page, { label, each, offline }) {
  const address = new URL(page.url()).pathname;
  const told = { rounds: 0, lost: [], asked: 0, askedLate: [] };
  let typed = await field(page, label).inputValue();
  for (let round = 0; round < each; round += 1) {
    for (const [end, endPage] of Object.entries(ENDS)) {
      const delay_ms = Math.round((500 * round) / Math.max(1, each - 1));
      const slowdown = round % 2 === 0 ? 1 : 6;
      const name = `${end} ${delay_ms} ms after the last key, ${offline ? "offline" : "online"}, ${slowdown}x`;
      await device.context.setOffline(offline);
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
      let asked = false;
      // One page lives through several rounds.
      page.removeAllListeners("dialog");
      page.on("dialog", (dialog) => {
        asked = true;
        return dialog.accept();
      });

      await field(page, label).focus();
      await page.keyboard.press("ControlOrMeta+End");
      const words = ` <${told.rounds}:${Math.random().toString(36).slice(2, 8)}>`;
      await page.keyboard.type(words);
      typed += words;
      if (delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, delay_ms));
      page = await endPage(device, page);

      if (offline) await device.context.setOffline(true);
      await page.goto(device.url + address, { waitUntil: "commit" });
      const text = field(page, label);
      await expect(text).toBeVisible({ timeout: 60_000 });
      await expect(text).toHaveValue(typed, { timeout: 5_000 }).catch(() => {});
      const seen = await text.inputValue();
      told.rounds += 1;
      if (asked) told.asked += 1;
      if (asked && delay_ms > 150) told.askedLate.push(name);
      if (seen !== typed) told.lost.push(`${name}: …${typed.slice(-30)} became …${seen.slice(-30)}`);
      typed = seen;
    }
  }
  await device.context.setOffline(false);
  return { told, page };
}
