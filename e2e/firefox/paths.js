// The main paths in Firefox, over WebDriver BiDi: `node paths.js`. The other browser tests drive Chromium.
//
// Two people with a profile each. One writes a report and a line of a plan, keys in order, reloads without a relay, goes
// on writing, and sees all of it reach the server; the other, who signs in afterwards, reads it. Each step is printed with
// how long it took; the first that does not hold ends the run. What a page complains of fails it, too.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import puppeteer from "puppeteer-core";

import { Relay } from "../world/relay.js";

const WITHIN_MS = 30_000;
const program = [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"].find((at) => at && fs.existsSync(at));
if (!program) throw new Error("no Firefox: run .ci/setup firefox, or name one in FIREFOX");

/** What pages complained of. That a relay which was stopped does not answer is a word of Firefox' log, which comes as a page's error. */
const complaints = [];
const UNANSWERED = /establish a connection|connection to .* was interrupted|NetworkError|Cross-Origin/;

/** A person's Firefox, with a profile of its own. */
class Person {
  static async begin(relay, user, size) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "simpul-firefox-"));
    const browser = await puppeteer.launch({
      browser: "firefox", executablePath: program, headless: true, userDataDir: folder, defaultViewport: size,
      extraPrefsFirefox: { "intl.accept_languages": "id-ID,id" },
    });
    const person = new Person();
    Object.assign(person, { browser, folder, user, page: await browser.newPage() });
    person.page.setDefaultTimeout(WITHIN_MS);
    const complain = (words) => UNANSWERED.test(words) || complaints.push(`${user}: ${words}`);
    person.page.on("pageerror", (error) => complain(error.message));
    person.page.on("console", (message) => message.type() === "error" && complain(message.text()));
    await person.page.goto(`${relay.url}/masuk`);
    const account = relay.accounts.find((account) => account.user === user);
    await person.type("Nama pengguna", account.user);
    await person.type("Kata sandi", account.password);
    await person.press("button", "Masuk");
    await person.sees("link", "Laporan");
    await person.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) {
        await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
      }
    });
    return person;
  }

  /** What has this role and name, once it is in sight. */
  async sees(role, name) {
    return this.page.locator(`::-p-aria([role="${role}"][name="${name}"])`).waitHandle();
  }

  async press(role, name) {
    await this.page.locator(`::-p-aria([role="${role}"][name="${name}"])`).click();
  }

  /** Writes at the end of a field, key by key. */
  async type(name, words) {
    const field = await this.page.locator(`::-p-aria([name="${name}"]):is(input, textarea)`).waitHandle();
    await field.focus();
    await this.page.keyboard.press("End");
    await field.type(words);
  }

  async value(name) {
    const field = await this.page.locator(`::-p-aria([name="${name}"]):is(input, textarea)`).waitHandle();
    return field.evaluate((field) => field.value);
  }

  /** Waits until the page says this. */
  async reads(words, within = "main") {
    await this.page.waitForFunction(
      (words, within) => document.querySelector(within)?.innerText.includes(words),
      { timeout: WITHIN_MS, polling: 100 }, words, within,
    );
  }

  async end() {
    await this.browser.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

async function step(name, act) {
  const began = Date.now();
  const result = await act();
  console.log(`  ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return result;
}

function expectEqual(found, wanted, what) {
  if (found !== wanted) throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

const relay = await Relay.start();
const people = [];
async function arrives(user, size) {
  const person = await Person.begin(relay, user, size);
  people.push(person);
  return person;
}

try {
  const sri = await step("signs in, and the app is kept for offline", () => arrives("sri", { width: 1280, height: 800 }));
  console.log(`  ${await sri.browser.version()}`);

  const report = await step("begins a report and writes in it", async () => {
    await sri.press("button", "Buat baru");
    await sri.press("button", "Laporan baru");
    await sri.type("Judul kegiatan", "Rapat di Firefox");
    await sri.type("Penutup", "Demikian laporan ini.");
    await sri.reads("Di server");
    return new URL(sri.page.url()).pathname;
  });

  await relay.stop();
  await step("reloads without a relay, and all is there", async () => {
    await sri.page.reload();
    expectEqual(await sri.value("Penutup"), "Demikian laporan ini.", "the closing words");
    expectEqual(await sri.value("Judul kegiatan"), "Rapat di Firefox", "the title");
  });
  await step("goes on writing, reloads at once, and nothing is lost", async () => {
    await sri.type("Penutup", " Ditulis di kapal.");
    await sri.reads("Di perangkat ini");
    await sri.page.reload();
    expectEqual(await sri.value("Penutup"), "Demikian laporan ini. Ditulis di kapal.", "the closing words");
  });
  const plan = await step("begins a plan offline, and fills a line by the keyboard", async () => {
    await sri.press("link", "Rencana aksi");
    await sri.press("button", "Rencana aksi baru");
    await sri.type("Judul rencana aksi", "Rencana di Firefox");
    await sri.press("button", "Tambah butir");
    await sri.page.waitForFunction(() => document.activeElement?.matches(".cell-editor textarea"));
    for (const key of "Kegiatan dari kapal") await sri.page.keyboard.press(key);
    await sri.page.keyboard.press("Tab");
    await sri.page.keyboard.type("Persampahan");
    await sri.page.keyboard.press("Escape");
    await sri.reads("Kegiatan dari kapal", "[role=grid]");
    await sri.reads("Persampahan", "[role=grid]");
    await sri.reads("Di perangkat ini");
    return new URL(sri.page.url()).pathname;
  });
  await relay.start();
  await step("the relay is there again, and the plan reaches it", () => sri.reads("Di server"));

  const budi = await step("a colleague signs in on a phone", () => arrives("budi", { width: 360, height: 740 }));
  await step("reads what was written offline", async () => {
    await budi.page.goto(relay.url + report);
    await budi.reads("Rapat di Firefox");
    expectEqual(await budi.value("Penutup"), "Demikian laporan ini. Ditulis di kapal.", "the closing words");
    await budi.page.goto(relay.url + plan);
    await budi.reads("Kegiatan dari kapal", "[role=grid]");
  });
  await step("both write in one text at once", async () => {
    await Promise.all([sri, budi].map(async (person) => {
      await person.page.goto(relay.url + report);
      await person.reads("Di server");
    }));
    await Promise.all([sri.type("Penutup", " Satu."), budi.type("Penutup", " Dua.")]);
    await Promise.all([sri, budi].map((person) =>
      person.page.waitForFunction(() => {
        const all = [...document.querySelectorAll("textarea")].map((area) => area.value).join("\n");
        return ["Satu.", "Dua."].every((word) => all.split(word).length === 2);
      }, { polling: 100 })));
    expectEqual(await sri.value("Penutup"), await budi.value("Penutup"), "the closing words of both");
  });
  await step("the page to print has all of it", async () => {
    await sri.page.goto(`${relay.url}${report}/cetak`);
    await sri.reads("Ditulis di kapal.");
    await sri.reads("KONSEP");
  });
  if (complaints.length > 0) throw new Error(`the pages complained:\n${complaints.join("\n")}`);
  console.log("all held");
} catch (error) {
  for (const person of people) {
    const picture = path.join(os.tmpdir(), `simpul-firefox-${person.user}.png`);
    await person.page.screenshot({ path: picture }).catch(() => {});
    console.error(`${person.user} at ${person.page.url()}: ${picture}`);
  }
  if (complaints.length > 0) console.error(complaints.join("\n"));
  throw error;
} finally {
  for (const person of people) await person.end().catch(() => {});
  await relay.remove();
}
