// W2: eight people type in one document, six characters a second each, every character a change of its own. For the seven
// others it is measured until the character is in their document, and how much of that lies between the sockets.

import { lastReceivedAt, onNextSend, percentiles, sleep, until, watched } from "../measure.js";

export const title = () => "W2, 8 people type 6 characters/s in one document";
export const sizes = { full: [{ seconds: 30 }], quick: [{ seconds: 6 }] };
/** Eight of the app's devices in one process keep a core busy: what was measured of them would be the wait for it. */
export const systems = ["Simpul", "automerge-repo", "Hocuspocus", "nothing but forwarding"];

const TYPISTS = "abcdefgh";
const A_SECOND = 6;
/** The first characters are not counted: a program that has just started is slow with all that it does for the first time. */
const REHEARSALS = A_SECOND;
/** A server that cannot keep up goes on long after the last key. */
const CAUGHT_UP_WITHIN_MS = 600_000;

export async function run(system, { seconds }) {
  await system.prepare({ rooms: 1, devicesPerRoom: TYPISTS.length });
  const server = await system.start();
  const devices = Array.from(TYPISTS, (_, n) => system.device(n));
  await Promise.all(devices.map((device) => device.connect()));
  const first = devices[0].create();
  await devices[0].saved();
  const texts = await Promise.all(devices.map((device) => device.open(first.name)));

  const latencies = [];
  const betweenSockets = [];
  const sentAt = Object.fromEntries(Array.from(TYPISTS, (letter) => [letter, []]));
  const leftAt = Object.fromEntries(Array.from(TYPISTS, (letter) => [letter, []]));
  texts.forEach((text, n) => {
    const seen = Object.fromEntries(Array.from(TYPISTS, (letter) => [letter, 0]));
    text.onInsert((inserted) => {
      const arrived = performance.now();
      for (const letter of inserted) {
        // A merge may tell an own letter again where it moved.
        if (letter === TYPISTS[n]) continue;
        if (seen[letter] >= REHEARSALS) {
          latencies.push(arrived - sentAt[letter][seen[letter]]);
          betweenSockets.push(lastReceivedAt(devices[n].wire) - leftAt[letter][seen[letter]]);
        }
        seen[letter] += 1;
      }
    });
  });

  const typed = REHEARSALS + seconds * A_SECOND;
  const expected = (typed - REHEARSALS) * TYPISTS.length * (TYPISTS.length - 1);
  const result = await watched(server, async () => {
    const began = performance.now();
    await Promise.all(
      texts.map(async (text, n) => {
        for (let letter = 0; letter < typed; letter += 1) {
          await sleep(began + ((letter + n / TYPISTS.length) * 1000) / A_SECOND - performance.now());
          onNextSend(devices[n].wire, (at) => leftAt[TYPISTS[n]].push(at));
          sentAt[TYPISTS[n]].push(performance.now());
          text.insert(TYPISTS[n]);
        }
      }),
    );
    await until(() => latencies.length >= expected, "every character was seen by all", CAUGHT_UP_WITHIN_MS);
    return {};
  });
  const whole = texts[0].text();
  const counts = Array.from(TYPISTS, (letter) => whole.split(letter).length - 1);
  if (counts.some((count) => count !== typed) || latencies.length !== expected || latencies.some(Number.isNaN)) {
    throw new Error(`not every character arrived once: ${counts}, ${latencies.length} of ${expected}`);
  }
  if (texts.some((text) => text.text() !== whole)) throw new Error("the eight documents differ");
  // Who sends several characters with one message has no time of leaving for each.
  const isPaired = Object.values(leftAt).every((times) => times.length === typed);
  const { p50: socketsP50, p99: socketsP99 } = isPaired ? percentiles(betweenSockets) : {};
  return [{ ...result, edits: typed * TYPISTS.length, ...percentiles(latencies), socketsP50, socketsP99 }];
}
