// W3: devices that wrote without a network come back all at once, each with 20 edits of its document. Measured from the
// common beginning until the server has confirmed the last edit of each device.

import { each, percentiles, until, watched } from "../measure.js";

export const title = ({ devices }) => `W3, ${devices} devices come back at once with ${EDITS} edits each`;
export const sizes = { full: [{ devices: 500 }], quick: [{ devices: 50 }] };
/** What they do is asked of the relays; each device comes twice, which the app takes for a copied database. */
export const systems = ["Simpul", "automerge-repo", "Hocuspocus"];

const EDITS = 20;
const WORDS = "kata baru ";

export async function run(system, { devices }) {
  await system.prepare({ rooms: devices, devicesPerRoom: 1 });
  let server = await system.start();
  const crowd = await each(Array.from({ length: devices }), 20, async (_, n) => {
    const device = system.device(n);
    await device.connect();
    const text = device.create();
    text.insert(WORDS);
    await device.saved();
    await device.disconnect();
    for (let edit = 0; edit < EDITS; edit += 1) text.insert(WORDS);
    return { device, text };
  });
  await system.stop();
  server = await system.start();

  const times = [];
  const result = await watched(server, async () => {
    const began = performance.now();
    await Promise.all(
      crowd.map(async ({ device }) => {
        await device.connect();
        await device.saved();
        times.push(performance.now() - began);
      }),
    );
    return { settledMs: performance.now() - began };
  });
  await each(crowd, 20, async ({ device, text }, n) => {
    await device.disconnect();
    const reader = system.device(n);
    await reader.connect();
    const read = await reader.open(text.name);
    await until(() => read.text() === WORDS.repeat(EDITS + 1), `device ${n}'s edits are on the server`, 10_000);
    await reader.disconnect();
  });
  return [{ ...result, edits: devices * EDITS, ...percentiles(times) }];
}
