// How long a key takes until the frame that shows it, on a slow device: `node device.js EARLIER`, the folder of a checkout
// with a release build of the relay and a bundled site, as `make bench-device` makes it.
//
// Three pages take turns in each round: the app of this checkout, the earlier one, and the page of this checkout without its
// program, which is what the browser itself takes. Each stands in a Chromium of its own, four times slowed down. In each of
// them 40 keys warm up and 400 are measured, one each 100 ms or as soon as the one before is shown: in the closing field of a
// report that has 50 KB in its other texts, and in a closing field that holds 50 KB. The clock is the page's own, from the
// key's event to the first task after the frame.

import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

import { launchProfile } from "../world/browser.js";
import { begin, expectSafety, field } from "../world/record.js";
import { Relay, project } from "../world/relay.js";
import { DESKTOP } from "../world/screens.js";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const KEYS = Number(process.env.KEYS ?? 400);
const WARM_UP = 40;
const PACE_MS = 100;
const SLOWDOWN = 4;
const FIELD = "Penutup";
const TEXT_BYTES = 50_000;
const WORDS = "rapat membahas rencana kerja sama kedua kota ";

const earlier = path.resolve(process.argv[2]);
const builds = [
  { name: "now", program: path.join(project, "target/release/simpul"), site: path.join(project, "target/site") },
  { name: "earlier", program: path.join(earlier, "target/release/simpul"), site: path.join(earlier, "target/site") },
];

/** So many bytes of prose, in paragraphs of about 500. */
function prose(bytes) {
  let text = "";
  while (text.length < bytes) text += text.length % 500 < WORDS.length && text ? `${WORDS.trim()}.\n\n` : WORDS;
  return text.slice(0, bytes);
}

const folders = [];

async function browser() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "simpul-bench-"));
  folders.push(folder);
  return launchProfile(folder, { viewport: DESKTOP, locale: "id-ID", timezoneId: "Asia/Jakarta" });
}

/** A report with 50 KB: in its other texts, or in the closing one. */
async function write(page, url, isInField) {
  await page.goto(url);
  await begin(page, "Laporan baru");
  await field(page, FIELD).waitFor();
  if (isInField) {
    await field(page, FIELD).fill(prose(TEXT_BYTES));
  } else {
    const areas = page.getByRole("main").locator("textarea.prose:not(.prose-line)");
    const others = [];
    for (const area of await areas.all()) {
      const label = await area.evaluate((area) => area.labels[0].textContent.trim());
      if (label !== FIELD && (await area.isVisible())) others.push(area);
    }
    for (const area of others) await area.fill(prose(Math.ceil(TEXT_BYTES / others.length)));
    await field(page, FIELD).fill(WORDS);
  }
  await field(page, FIELD).blur();
  await expectSafety(page, "Di server", { timeout: 60_000 });
}

async function app(build) {
  const relay = await Relay.start(build);
  const context = await browser();
  const { user, password } = relay.accounts.find(({ role }) => role === "writer");
  const page = context.pages()[0];
  await page.goto(`${relay.url}/masuk`);
  await page.getByLabel("Nama pengguna").fill(user);
  await page.getByLabel("Kata sandi", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Masuk" }).click();
  await page.getByRole("link", { name: "Laporan" }).first().waitFor();
  const pages = [page, await context.newPage()];
  for (const [index, page] of pages.entries()) await write(page, relay.url, index === 1);
  return { name: build.name, pages, end: () => context.close().then(() => relay.remove()) };
}

/** The same pages as the browser has them, with their styles and without any program. */
async function floor(of, site) {
  const texts = [];
  for (const page of of.pages) {
    texts.push({
      html: await page.evaluate(() => {
        const copy = document.documentElement.cloneNode(true);
        for (const element of copy.querySelectorAll("script, link[rel=modulepreload], link[rel=preload], link[rel=manifest]")) element.remove();
        const areas = [...document.querySelectorAll("textarea")];
        for (const [index, area] of [...copy.querySelectorAll("textarea")].entries()) area.textContent = `\n${areas[index].value}`;
        return `<!doctype html>${copy.outerHTML}`;
      }),
    });
  }
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const index = ["/0", "/1"].indexOf(pathname);
    const file = path.join(site, pathname);
    if (index >= 0) response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(texts[index].html);
    else if (fs.existsSync(file)) response.writeHead(200, { "content-type": file.endsWith(".css") ? "text/css" : "" }).end(fs.readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const context = await browser();
  const pages = [context.pages()[0], await context.newPage()];
  for (const [index, page] of pages.entries()) await page.goto(`http://127.0.0.1:${server.address().port}/${index}`);
  return { name: "no program", pages, end: () => context.close().then(() => server.close()) };
}

/** The times of the keys, in ms. */
async function type(page) {
  await page.bringToFront();
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  await field(page, FIELD).focus();
  await page.keyboard.press("ControlOrMeta+End");
  await page.evaluate(() => {
    window.taken = [];
    window.onkey ??= addEventListener(
      "keydown",
      () => {
        const began = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          window.taken.push(performance.now() - began);
          window.shown?.();
        };
        requestAnimationFrame(() => port2.postMessage(null));
      },
      true,
    ) ?? true;
  });
  for (let key = 0; key < WARM_UP + KEYS; key += 1) {
    const paced = new Promise((resolve) => setTimeout(resolve, PACE_MS));
    await page.keyboard.press(WORDS[key % WORDS.length] === " " ? "Space" : WORDS[key % WORDS.length]);
    await page.evaluate((count) => new Promise((resolve) => {
      window.shown = () => window.taken.length >= count && resolve();
      window.shown();
    }), key + 1);
    await paced;
  }
  const taken = await page.evaluate(() => window.taken);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await session.detach();
  return taken.slice(WARM_UP);
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const at = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
const median = (numbers) => at(numbers, 0.5);

const now = await app(builds[0]);
const all = [now, await app(builds[1]), await floor(now, builds[0].site)];
const rows = ["the closing field of a report of 50 KB", "a text of 50 KB"];
const found = rows.map(() => new Map(all.map(({ name }) => [name, { p50: [], p99: [] }])));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [row, name] of rows.entries()) {
    for (const page of all) {
      const taken = await type(page.pages[row]);
      const told = found[row].get(page.name);
      told.p50.push(at(taken, 0.5));
      told.p99.push(at(taken, 0.99));
      console.log(`round ${round + 1}, ${name}, ${page.name}: p50 ${told.p50.at(-1).toFixed(1)}, p99 ${told.p99.at(-1).toFixed(1)} ms`);
    }
  }
}
for (const page of all) await page.end();
for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });

const told = (numbers) => `${median(numbers).toFixed(1)} (${sorted(numbers)[0].toFixed(1)} to ${sorted(numbers).at(-1).toFixed(1)})`;
console.log(`\nms from key to frame at ${SLOWDOWN}x, ${KEYS} keys a round; medians of ${ROUNDS} rounds (least to most)`);
for (const [row, name] of rows.entries()) {
  for (const [page, { p50, p99 }] of found[row]) console.log(`${name.padEnd(40)} ${page.padEnd(12)} p50 ${told(p50).padEnd(24)} p99 ${told(p99)}`);
  const ratio = (of, share) => (median(found[row].get("now")[share]) / median(found[row].get(of)[share])).toFixed(2);
  console.log(`  now is ${ratio("earlier", "p50")} of the earlier build at p50 and ${ratio("earlier", "p99")} at p99; ${ratio("no program", "p50")} and ${ratio("no program", "p99")} of the page without a program`);
}
