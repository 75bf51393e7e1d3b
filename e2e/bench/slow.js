// What the measurements on a slow device share: browsers with profiles of their own, the page without its program, the clock of
// a key, and figures of many.

import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

import { launchProfile } from "../world/browser.js";
import { WORDS } from "../world/prose.js";
import { Relay, project } from "../world/relay.js";
import { DESKTOP } from "../world/screens.js";

export const ROUNDS = Number(process.env.ROUNDS ?? 5);
export const KEYS = Number(process.env.KEYS ?? 400);
export const SLOWDOWN = 4;
const WARM_UP = 40;
const PACE_MS = 100;

/** The builds that are measured: this checkout's, and that of another folder. */
export function builds(earlier) {
  const of = (name, folder) => ({ name, program: path.join(folder, "target/release/simpul"), site: path.join(folder, "target/site") });
  return [of("now", project), of("earlier", path.resolve(earlier))];
}

const folders = [];

/** A browser with a profile of its own. */
export async function browser() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "simpul-bench-"));
  folders.push(folder);
  return launchProfile(folder, { viewport: DESKTOP, locale: "id-ID", timezoneId: "Asia/Jakarta" });
}

/** Removes the profiles. */
export function removeProfiles() {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
}

/** A relay of a build, and a browser in which a writer is signed in, with one page. */
export async function signedIn(build) {
  const relay = await Relay.start(build);
  const context = await browser();
  const account = relay.accounts.find(({ role }) => role === "writer");
  const page = context.pages()[0];
  await page.goto(`${relay.url}/masuk`);
  await page.getByLabel("Nama pengguna").fill(account.user);
  await page.getByLabel("Kata sandi", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Masuk" }).click();
  await page.getByRole("link", { name: "Laporan" }).first().waitFor();
  return { relay, context, account, page, end: () => context.close().then(() => relay.remove()) };
}

/** The same pages as the browser has them, with their styles and without any program. */
export async function withoutProgram(of, site) {
  const texts = [];
  for (const page of of) {
    texts.push(
      await page.evaluate(() => {
        const copy = document.documentElement.cloneNode(true);
        for (const element of copy.querySelectorAll("script, link[rel=modulepreload], link[rel=preload], link[rel=manifest]")) element.remove();
        const areas = [...document.querySelectorAll("textarea")];
        for (const [index, area] of [...copy.querySelectorAll("textarea")].entries()) area.textContent = `\n${areas[index].value}`;
        return `<!doctype html>${copy.outerHTML}`;
      }),
    );
  }
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const text = texts[Number(pathname.slice(1))];
    const file = path.join(site, pathname);
    if (/^\/\d+$/.test(pathname) && text) response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(text);
    else if (fs.existsSync(file)) response.writeHead(200, { "content-type": file.endsWith(".css") ? "text/css" : "" }).end(fs.readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const context = await browser();
  const pages = [];
  const address = (index) => `http://127.0.0.1:${server.address().port}/${index}`;
  for (const index of texts.keys()) {
    const page = index === 0 ? context.pages()[0] : await context.newPage();
    await page.goto(address(index));
    pages.push(page);
  }
  return { pages, address, end: () => context.close().then(() => server.close()) };
}

/** Does something while the page's processor is slowed down. */
export async function slowly(page, act) {
  await page.bringToFront();
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  try {
    return await act();
  } finally {
    await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    await session.detach();
  }
}

/** The times of the keys that are typed at the end of a field, in ms: from a key to the first task after the frame. */
export async function type(page, focus) {
  return slowly(page, async () => {
    await focus(page);
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
    return page.evaluate((warmUp) => window.taken.slice(warmUp), WARM_UP);
  });
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
export const at = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
export const median = (numbers) => at(numbers, 0.5);
/** The median of rounds, and the least and most. */
export const told = (numbers) => `${median(numbers).toFixed(1)} (${sorted(numbers)[0].toFixed(1)} to ${sorted(numbers).at(-1).toFixed(1)})`;
