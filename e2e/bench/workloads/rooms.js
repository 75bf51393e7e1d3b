// W1: rooms of three, one edit every two seconds in each; for the two others it is measured until it is in their document,
// and beside it how much of that lies between the sockets: what the server and the way to it take, without what the
// clients' libraries take.

import { each, lastReceivedAt, onNextSend, percentiles, sleep, until, watched } from "../measure.js";

export const title = ({ rooms }) => `W1, ${rooms} rooms × 3, an edit each 2 s`;
export const sizes = {
  full: [
    { rooms: 50, seconds: 30 },
    { rooms: 200, seconds: 30 },
  ],
  quick: [{ rooms: 20, seconds: 6 }],
};

const EVERY_MS = 2_000;
const DEVICES_A_ROOM = 3;
/** The first edits are not counted: a program that has just started is slow with all that it does for the first time. */
const REHEARSALS = 1;
const WORDS = "kata baru ";

export async function run(system, { rooms, seconds }) {
  await system.prepare({ rooms, devicesPerRoom: DEVICES_A_ROOM });
  const server = await system.start();
  const latencies = [];
  const betweenSockets = [];
  const texts = await each(Array.from({ length: rooms }), 10, async (_, room) => {
    const devices = Array.from({ length: DEVICES_A_ROOM }, (_, n) => system.device(room * DEVICES_A_ROOM + n));
    await Promise.all(devices.map((device) => device.connect()));
    const text = devices[0].create();
    await devices[0].saved();
    const watchers = await Promise.all(devices.slice(1).map((device) => device.open(text.name)));
    const sentAt = [];
    const leftAt = [];
    for (const [nth, watcher] of watchers.entries()) {
      const { wire } = devices[1 + nth];
      let letters = 0;
      watcher.onInsert((inserted) => {
        const arrived = performance.now();
        const before = Math.floor(letters / WORDS.length);
        letters += inserted.length;
        for (let n = before; n < Math.floor(letters / WORDS.length); n += 1) {
          if (n < REHEARSALS) continue;
          latencies.push(arrived - sentAt[n]);
          betweenSockets.push(lastReceivedAt(wire) - leftAt[n]);
        }
      });
    }
    return { text, watchers, sentAt, leftAt, wire: devices[0].wire };
  });

  const edits = rooms * (REHEARSALS + Math.floor((seconds * 1000) / EVERY_MS));
  const result = await watched(server, async () => {
    const began = performance.now();
    await Promise.all(
      texts.map(async ({ text, sentAt, leftAt, wire }, room) => {
        for (let n = 0; n < edits / rooms; n += 1) {
          await sleep(began + (room / rooms + n) * EVERY_MS - performance.now());
          onNextSend(wire, (at) => leftAt.push(at));
          sentAt.push(performance.now());
          text.insert(WORDS);
        }
      }),
    );
    await until(() => latencies.length === (edits - rooms * REHEARSALS) * 2, "every edit was seen by both others");
    return {};
  });
  for (const { text, watchers } of texts) {
    const expected = WORDS.repeat(edits / rooms);
    if (![text, ...watchers].every((one) => one.text() === expected)) throw new Error("a room does not hold what was written");
  }
  const { p50: socketsP50, p99: socketsP99 } = percentiles(betweenSockets);
  return [{ ...result, edits, ...percentiles(latencies), socketsP50, socketsP99 }];
}
