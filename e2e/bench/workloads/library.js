// W5 and W4, on one set of documents of about 50 changes each: a new device takes them all; and a device that knows them
// comes back after ten of them changed.

import { quiet, sleep, until, watched } from "../measure.js";

export const title = ({ documents }) => [
  `W5, a new device takes ${documents} documents of ${CHANGES} changes`,
  `W4, a device that knows ${documents} documents comes back, ${CHANGED} changed`,
];
/** Who keeps nothing has nothing to give to a device that comes back. */
export const systems = ["Simpul", "Simpul's app", "automerge-repo", "Hocuspocus"];
export const sizes = { full: [{ documents: 1000 }], quick: [{ documents: 100 }] };

const CHANGES = 50;
const CHANGED = 10;
const PUT_AWAY_MS = 20_000;
const WORDS = "kata baru ";

export async function run(system, { documents }) {
  await system.prepare({ rooms: 1, devicesPerRoom: 4 });
  await system.start();
  const author = system.device(0);
  const names = Array.from({ length: documents }, () => {
    const text = author.create();
    // The first change makes the document.
    for (let change = 1; change < CHANGES; change += 1) text.insert(WORDS);
    return text.name;
  });
  await author.connect();
  await author.saved();
  await author.disconnect();
  // A device that comes later finds a server that has put away what it puts away by itself.
  await sleep(PUT_AWAY_MS);
  await quiet(system.server);
  await system.stop();
  const whole = WORDS.repeat(CHANGES - 1);

  let server = await system.start();
  const newcomer = system.device(1);
  const arrival = await watched(server, async () => {
    const began = performance.now();
    await newcomer.connect();
    const opening = Promise.all(names.map((name) => newcomer.open(name)));
    await newcomer.caughtUp();
    const texts = await opening;
    const keptMs = performance.now() - began;
    await until(() => texts.every((text) => text.text() === whole), "the new device has every document whole");
    return { keptMs, settledMs: performance.now() - began };
  });
  await newcomer.disconnect();

  const knower = system.device(2, { keeps: true });
  await knower.connect();
  const known = await Promise.all(names.map((name) => knower.open(name)));
  await until(() => known.every((text) => text.text() === whole), "the device knows every document");
  await knower.saved();
  // A rehearsal: a program that has just started is slow with all that it does for the first time.
  const [, rehearsed] = known;
  const heard = new Promise((resolve) => rehearsed.onInsert(resolve));
  const writer = system.device(3);
  await writer.connect();
  (await writer.open(rehearsed.name)).insert(WORDS);
  await writer.saved();
  await heard;
  await writer.disconnect();
  await knower.saved();
  await knower.disconnect();
  await knower.restart?.();
  await system.stop();

  server = await system.start();
  await writer.connect();
  const changed = names.filter((_, n) => n % (documents / CHANGED) === 0);
  for (const name of changed) (await writer.open(name)).insert(WORDS);
  await writer.saved();
  await writer.disconnect();
  const coming = await watched(server, async () => {
    const began = performance.now();
    const texts = await Promise.all(changed.map((name) => knower.open(name)));
    let seenMs;
    const seen = new Promise((resolve) => {
      const missing = new Set(texts);
      for (const text of texts) {
        text.onInsert(() => {
          missing.delete(text);
          if (missing.size > 0) return;
          seenMs = performance.now() - began;
          resolve();
        });
      }
    });
    await knower.connect();
    await seen;
    await knower.caughtUp();
    await knower.saved();
    return { seenMs, settledMs: performance.now() - began };
  });
  for (const name of names) {
    const expected = changed.includes(name) || name === rehearsed.name ? whole + WORDS : whole;
    if ((await knower.open(name)).text() !== expected) throw new Error(`${name} is not what was written`);
  }
  return [arrival, coming];
}
