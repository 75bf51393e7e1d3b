// W6: idle connections, ten to a document, and what each costs the server in memory.

import { Process, each, sleep, until, watched } from "../measure.js";

export const title = ({ connections }) => `W6, ${connections} idle connections`;
export const sizes = { full: [{ connections: 1000 }], quick: [{ connections: 200 }] };
/** What they do is asked of the relays; a device comes twice, which the app takes for a copied database. */
export const systems = ["Simpul", "automerge-repo", "Hocuspocus"];

const DEVICES_A_ROOM = 10;
const WARM_UP = 20;

export async function run(system, { connections }) {
  const rooms = connections / DEVICES_A_ROOM;
  await system.prepare({ rooms, devicesPerRoom: DEVICES_A_ROOM });
  await system.start();
  const names = await each(Array.from({ length: rooms }), 10, async (_, room) => {
    const device = system.device(room * DEVICES_A_ROOM);
    await device.connect();
    const text = device.create();
    await device.saved();
    text.insert("kata");
    await device.saved();
    await device.disconnect();
    return text.name;
  });
  await system.stop();
  const server = await system.start();
  const connect = async (n) => {
    const device = system.device(n);
    await device.connect();
    const text = await device.open(names[Math.floor(n / DEVICES_A_ROOM)]);
    await until(() => text.text() === "kata", "a connection sees its document", 20_000);
    return device;
  };
  // What the first connections cost once is not the connections' price.
  const first = await each(Array.from({ length: WARM_UP }, (_, n) => n), 1, connect);
  await Promise.all(first.map((device) => device.disconnect()));
  const before = await settled(server);
  const result = await watched(server, async () => {
    await each(Array.from({ length: connections }, (_, n) => n), 20, connect);
    return { afterBytes: await settled(server) };
  });
  return [{ ...result, perConnectionKB: (result.afterBytes - before) / connections / 1000, baselineMB: before / 1e6 }];
}

/** The server's memory once it no longer changes. */
export async function settled(server) {
  const watch = new Process(server.pid);
  let last = 0;
  for (let same = 0; same < 4; ) {
    await sleep(250);
    const now = watch.residentBytes();
    same = Math.abs(now - last) < 64 << 10 ? same + 1 : 0;
    last = now;
  }
  return last;
}
