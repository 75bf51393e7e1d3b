// Rounds of the last second: a person types and the page ends a moment after the last key, in each of the ways in which
// pages end. What they see after coming back is compared with what they typed.

import { expect } from "@playwright/test";
import { field } from "./record.js";

/** A share from 0 to 1 for each number from 0 on: however many are taken, they lie evenly. */
const spread = (number) => (number * ((Math.sqrt(5) - 1) / 2)) % 1;

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

/** Who leaves where the browser asks may lose what was typed so shortly before. */
const LOSS_WHERE_ASKED_MS = 100;
/** It asks in no round that ends the page later than this after the last key. */
const ASKS_WITHIN_MS = 150;

/**
 * Plays so many rounds of each end, the moments of the ends spread evenly over 0 to 500 ms after the last key, every second
 * one on a processor that is six times slower; the first half in the record that is open, the other half in the one at
 * `then`. Tells `{ rounds, lost, asked, stayed, askedLate }` and the page that is open.
 *
 * Where the browser asks whether to leave, the person stays every second time, and ends the page once the record is safe.
 */
export async function playRounds(device, page, { label, each, offline, then }) {
  let address = new URL(page.url()).pathname;
  const told = { rounds: 0, lost: [], asked: 0, stayed: 0, askedLate: [] };
  let typed = await field(page, label).inputValue();
  for (let round = 0; round < each; round += 1) {
    for (const [end, endPage] of Object.entries(ENDS)) {
      if (address !== then && told.rounds * 2 >= each * Object.keys(ENDS).length) {
        address = then;
        await page.goto(device.url + address);
        await expect(field(page, label)).toBeVisible({ timeout: 60_000 });
        await expect(field(page, label)).not.toHaveValue("");
        typed = await field(page, label).inputValue();
      }
      const delay_ms = Math.round(500 * spread(told.rounds));
      const slowdown = told.rounds % 2 === 0 ? 1 : 6;
      const name = `${end} ${delay_ms} ms after the last key, ${offline ? "offline" : "online"}, ${slowdown}x`;
      await device.context.setOffline(offline);
      const session = await page.context().newCDPSession(page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });

      await field(page, label).focus();
      await page.keyboard.press("ControlOrMeta+End");
      const before = typed;
      const keyTimes = [];
      for (const letter of ` <${told.rounds}:${Math.random().toString(36).slice(2, 8)}>`) {
        await page.keyboard.press(letter === " " ? "Space" : letter);
        typed += letter;
        keyTimes.push(Date.now());
      }
      if (delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, delay_ms));
      const endedAt = Date.now();
      const answer = answering(page, told.asked % 2 === 0 ? "dismiss" : "accept");
      const ended = await Promise.race([
        endPage(device, page).catch((error) => answer.stayed.then((stayed) => (stayed ? null : Promise.reject(error)))),
        answer.stayed.then((stayed) => (stayed ? null : new Promise(() => {}))),
      ]);
      if (answer.asked && delay_ms > ASKS_WITHIN_MS) told.askedLate.push(name);
      if (ended === null) {
        told.stayed += 1;
        if ((await field(page, label).inputValue()) !== typed) told.lost.push(`${name}, stayed: not on the screen`);
        await expect(page.getByText(/^Di (perangkat ini|server)$/).first()).toBeVisible({ timeout: 30_000 });
        // The second tab that was opened for a closed one is not needed.
        for (const other of device.context.pages()) if (other !== page) await other.close();
        await page.goto("about:blank");
      } else {
        page = ended;
      }
      answer.end();

      if (offline) await device.context.setOffline(true);
      await page.goto(device.url + address, { waitUntil: "commit" });
      const text = field(page, label);
      await expect(text).toBeVisible({ timeout: 60_000 });
      await expect(text).toHaveValue(typed, { timeout: 5_000 }).catch(() => {});
      const seen = await text.inputValue();
      told.rounds += 1;
      if (answer.asked) told.asked += 1;
      const mayLose = answer.asked && ended !== null ? keyTimes.filter((time) => time > endedAt - LOSS_WHERE_ASKED_MS).length : 0;
      const isKept = typed.startsWith(seen) && seen.length >= typed.length - mayLose && seen.startsWith(before);
      if (!isKept) told.lost.push(`${name}: …${typed.slice(-30)} became …${seen.slice(-30)}`);
      typed = seen;
    }
  }
  await device.context.setOffline(false);
  return { told, page };
}

const SAID_SAFE = ["Di perangkat ini", "Di server"];

/**
 * Plays rounds in which the page's process is killed while a person types or soon afterwards, and every second time once all
 * is said to be stored. Tells the rounds, in how many of them something was said to be unsaved, how many letters of that were
 * lost, and what was lost that was said to be safe.
 */
export async function playKills(device, page, { label, rounds }) {
  const address = new URL(page.url()).pathname;
  const told = { rounds: 0, unsaved: 0, lostOfUnsaved: 0, lost: [] };
  let before = await field(page, label).inputValue();
  for (; told.rounds < rounds; told.rounds += 1) {
    const text = field(page, label);
    await text.evaluate(noteWhatIsSaid, SAID_SAFE);
    await text.focus();
    await page.keyboard.press("ControlOrMeta+End");
    const words = ` <${told.rounds}: seorang menulis di sini>`;
    const typing = page.keyboard.type(words, { delay: 20 }).catch(() => {});
    const delay_ms = Math.round(1_500 * spread(told.rounds));
    const isSafe = told.rounds % 2 === 1;
    if (isSafe) {
      await typing;
      const isSaid = () => text.evaluate((area) => window.saidSafe === area.value);
      await expect.poll(isSaid, { timeout: 30_000 }).toBe(true);
    } else {
      await new Promise((resolve) => setTimeout(resolve, delay_ms));
    }
    const { typed, safe } = await text.evaluate((area) => ({ typed: area.value, safe: window.saidSafe }));
    const killed = page.waitForEvent("crash");
    const session = await page.context().newCDPSession(page);
    session.send("Page.crash").catch(() => {});
    await killed;
    await typing;
    const next = await device.context.newPage();
    await page.close();
    page = next;

    await page.goto(device.url + address);
    const name = isSafe ? "killed once all was said to be stored" : `killed ${delay_ms} ms after the first key`;
    const again = field(page, label);
    await expect(again).toBeVisible({ timeout: 60_000 });
    await expect(again).not.toHaveValue("");
    const read = () => again.inputValue();
    await expect.poll(async () => (await read()).startsWith(safe), { timeout: 5_000 }).toBe(true).catch(() => {});
    const seen = await read();
    if (!seen.startsWith(safe) || !(before + words).startsWith(seen)) {
      told.lost.push(`${name}: …${typed.slice(-40)}, of which …${safe.slice(-40)} was said to be safe, became …${seen.slice(-40)}`);
    }
    if (safe !== typed) told.unsaved += 1;
    told.lostOfUnsaved += Math.max(0, typed.length - seen.length);
    before = seen;
  }
  return { told, page };
}

/** Keeps in `saidSafe` what stood in the field in the last frame that said that all of it is stored. */
function noteWhatIsSaid(area, words) {
  const says = () => [...document.querySelectorAll("main *")].some((one) => one.childElementCount === 0 && words.includes(one.textContent.trim()));
  const look = () => {
    if (says()) window.saidSafe = area.value;
    requestAnimationFrame(look);
  };
  window.saidSafe = area.value;
  look();
}

/** Answers what the browser asks from now on. `stayed` tells whether the person stayed, where it asked. */
function answering(page, word) {
  let tell;
  const answer = { asked: false, stayed: new Promise((resolve) => (tell = resolve)) };
  const listener = async (dialog) => {
    answer.asked = true;
    await dialog[word]().catch(() => {});
    tell(word === "dismiss");
  };
  page.on("dialog", listener);
  answer.end = () => {
    page.off("dialog", listener);
    tell(false);
  };
  return answer;
}
