// The grid of a plan on a slow device, with 200 lines and with 1,000: `node plan.js EARLIER`, as for device.js. A key until
// the frame that shows it, opening the plan from its list until its first line is shown, and the longest frame of scrolling
// through it. Beside it the same page without its program, of the size that is in sight.

import { Peer } from "../peer/client.js";
import { WORDS } from "../world/prose.js";
import { KEYS, ROUNDS, SLOWDOWN, at, builds, median, removeProfiles, signedIn, slowly, told, type, withoutProgram } from "./slow.js";

const SIZES = [200, 1_000];
/** Lines that one change of the client makes. */
const PIECE = 50;
const LINE = 3;
const SCROLL_MS = 3_000;
const title = (size) => `Rencana berisi ${size} butir`;

/** Writes a plan of so many lines, in ten groups. */
async function write(peer, size) {
  const root = { title: title(size), working_group: "", lines: {}, attachments: {}, links: {}, periods: {} };
  await peer.create(peer.feeds[0].feed, "action-plan", root);
  for (let from = 0; from < size; from += PIECE) {
    // The relay gives back what came to it, and with it the document that can be changed next.
    const plan = await peer.document((root) => String(root.title) === title(size) && Object.keys(root.lines).length === from);
    await peer.change(plan, (root) => {
      for (let number = from; number < from + PIECE; number += 1) {
        const place = String(number).padStart(4, "0");
        const texts = Object.fromEntries(
          ["programme", "sub_activity", "purpose", "indicator", "division", "obstacle", "remedy", "follow_up", "remark"].map((name) => [name, ""]),
        );
        root.lines[`000000000000${place}`] = {
          ...texts,
          order: `V${place}V`,
          field: `Bidang ${Math.floor((number * 10) / size) + 1}`,
          activity: `Kegiatan ${number}: ${WORDS}`,
          output: "Dokumen kesepakatan bersama",
          target: 40 + (number % 9),
          unit: "dokumen",
          responsible: "Dinas Pendidikan dan Kebudayaan",
          quarter_1: true,
          quarter_3: number % 2 === 0,
          ceiling: 1_250_000 + number,
          spent: 250_000,
          progress: 50,
          status: "running",
        };
      }
    });
  }
}

/** The text that is typed into: that of the earlier build is always open. */
async function focusLine(page) {
  const area = page.getByRole("textbox", { name: `Kegiatan, baris ${LINE}`, exact: true });
  if ((await area.count()) === 0) await page.locator(`[data-line="${LINE}"] > [data-cell="1"]`).dblclick();
  await area.focus();
}

/** Opens a plan from the list, and gives how long that took until the frame with its lines. */
async function open(page, url, size) {
  await page.goto(`${url}/rencana-aksi`);
  const link = page.getByRole("main").getByRole("link", { name: title(size) }).first();
  await link.waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1_000);
  const taken = await slowly(page, () =>
    // Found as it is clicked: the list draws a row anew while more of its record comes.
    page.evaluate((title) => {
      const link = [...document.querySelectorAll("main a")].find(({ textContent }) => textContent.includes(title));
      const began = performance.now();
      link.click();
      return new Promise((resolve) => {
        const look = () => {
          const line = document.querySelector(".plan-line");
          if (!line || !/Kegiatan/.test(line.querySelector("textarea")?.value ?? line.textContent)) return requestAnimationFrame(look);
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now() - began);
          requestAnimationFrame(() => port2.postMessage(null));
        };
        look();
      });
    }, title(size)),
  );
  // What follows the first frame is not measured with what comes next.
  await page.waitForTimeout(1_500);
  return taken;
}

/** The longest frame while the table is scrolled by the wheel, in ms. */
async function scroll(page) {
  return slowly(page, async () => {
    await page.keyboard.press("Escape");
    const box = await page.locator(".plan-scroll").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.evaluate(() => {
      window.longest = 0;
      let before;
      const look = (now) => {
        if (before !== undefined) window.longest = Math.max(window.longest, now - before);
        before = now;
        window.looking = requestAnimationFrame(look);
      };
      window.looking = requestAnimationFrame(look);
    });
    const until = Date.now() + SCROLL_MS;
    while (Date.now() < until) {
      await page.mouse.wheel(0, 120);
      await page.waitForTimeout(40);
    }
    const longest = await page.evaluate(() => {
      cancelAnimationFrame(window.looking);
      return window.longest;
    });
    await page.evaluate(() => document.querySelector(".plan-scroll").scrollTo(0, 0));
    return longest;
  });
}

/** A build with plans of the first sizes. */
async function app(build, count = SIZES.length) {
  const { relay, account, context, page, end } = await signedIn(build);
  const peer = await Peer.signIn(relay.url, account);
  const sizes = SIZES.slice(0, count);
  for (const size of sizes) await write(peer, size);
  peer.close();
  const pages = [page];
  while (pages.length < sizes.length) pages.push(await context.newPage());
  for (const [index, size] of sizes.entries()) await open(pages[index], relay.url, size);
  return { name: build.name, pages, open: (index) => open(pages[index], relay.url, SIZES[index]), end };
}

const [here, before] = builds(process.argv[2]);
const now = await app(here);
for (const page of now.pages) {
  await page.bringToFront();
  await focusLine(page);
}
const floor = await withoutProgram(now.pages, here.site);
const load = async (index) => {
  const began = Date.now();
  await slowly(floor.pages[index], () => floor.pages[index].goto(floor.address(index)));
  return Date.now() - began;
};
const earlier = await app(before, 1);
const all = [now, earlier, { name: "no program", open: load, ...floor }];
const measures = ["key p50", "key p99", "opening", "longest frame"];
// The earlier build draws all thousand lines at once: it takes minutes for a key or two, and the aim is one of the first size.
const measured = SIZES.map((_, row) => all.filter(({ pages }) => row < pages.length));
const found = measured.map((some) => new Map(some.map(({ name }) => [name, Object.fromEntries(measures.map((measure) => [measure, []]))])));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [row, size] of SIZES.entries()) {
    for (const one of measured[row]) {
      const told = found[row].get(one.name);
      const page = one.pages[row];
      await page.bringToFront();
      told.opening.push(await one.open(row));
      told["longest frame"].push(await scroll(page));
      const taken = await type(page, focusLine);
      told["key p50"].push(at(taken, 0.5));
      told["key p99"].push(at(taken, 0.99));
      const figures = measures.map((measure) => `${measure} ${told[measure].at(-1).toFixed(1)}`).join(", ");
      console.log(`round ${round + 1}, ${size} lines, ${one.name}: ${figures} ms`);
    }
  }
}
for (const one of all) await one.end();
removeProfiles();

console.log(`\nms at ${SLOWDOWN}x, ${KEYS} keys a round; medians of ${ROUNDS} rounds (least to most)`);
for (const [row, size] of SIZES.entries()) {
  for (const measure of measures) {
    for (const [name, figures] of found[row]) console.log(`${`${size} lines, ${measure}`.padEnd(28)} ${name.padEnd(12)} ${told(figures[measure])}`);
    const ratio = (of) => (median(found[row].get("now")[measure]) / median(found[row].get(of)[measure])).toFixed(3);
    if (found[row].has("earlier")) console.log(`  now is ${ratio("earlier")} of the earlier build`);
    console.log(`  now is ${ratio("no program")} of the page without a program`);
  }
}
