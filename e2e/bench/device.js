// How long a key takes until the frame that shows it, on a slow device: `node device.js EARLIER`, the folder of a checkout
// with a release build of the relay and a bundled site, as `make bench-device` makes it.
//
// Three pages take turns in each round: the app of this checkout, the earlier one, and the page of this checkout without its
// program, which is what the browser itself takes. Each stands in a Chromium of its own, four times slowed down. In each of
// them 40 keys warm up and 400 are measured, one each 100 ms or as soon as the one before is shown: in the closing field of a
// report that has 50 KB in its other texts, and in a closing field that holds 50 KB. The clock is the page's own, from the
// key's event to the first task after the frame.

import { WORDS, prose } from "../world/prose.js";
import { begin, expectSafety, field } from "../world/record.js";
import { KEYS, ROUNDS, SLOWDOWN, at, builds, median, removeProfiles, signedIn, told, type, withoutProgram } from "./slow.js";

const FIELD = "Penutup";
const TEXT_BYTES = 50_000;

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
  const { relay, context, page, end } = await signedIn(build);
  const pages = [page, await context.newPage()];
  for (const [index, page] of pages.entries()) await write(page, relay.url, index === 1);
  return { name: build.name, pages, end };
}

const [here, before] = builds(process.argv[2]);
const now = await app(here);
const all = [now, await app(before), { name: "no program", ...(await withoutProgram(now.pages, here.site)) }];
const rows = ["the closing field of a report of 50 KB", "a text of 50 KB"];
const found = rows.map(() => new Map(all.map(({ name }) => [name, { p50: [], p99: [] }])));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [row, name] of rows.entries()) {
    for (const page of all) {
      const taken = await type(page.pages[row], (page) => field(page, FIELD).focus());
      const told = found[row].get(page.name);
      told.p50.push(at(taken, 0.5));
      told.p99.push(at(taken, 0.99));
      console.log(`round ${round + 1}, ${name}, ${page.name}: p50 ${told.p50.at(-1).toFixed(1)}, p99 ${told.p99.at(-1).toFixed(1)} ms`);
    }
  }
}
for (const page of all) await page.end();
removeProfiles();

console.log(`\nms from key to frame at ${SLOWDOWN}x, ${KEYS} keys a round; medians of ${ROUNDS} rounds (least to most)`);
for (const [row, name] of rows.entries()) {
  for (const [page, { p50, p99 }] of found[row]) console.log(`${name.padEnd(40)} ${page.padEnd(12)} p50 ${told(p50).padEnd(24)} p99 ${told(p99)}`);
  const ratio = (of, share) => (median(found[row].get("now")[share]) / median(found[row].get(of)[share])).toFixed(2);
  console.log(`  now is ${ratio("earlier", "p50")} of the earlier build at p50 and ${ratio("earlier", "p99")} at p99; ${ratio("no program", "p50")} and ${ratio("no program", "p99")} of the page without a program`);
}
