// What documents at rest cost: every one of many documents is edited once while somebody reads along, and the server's
// memory afterwards stands beside that of before.

import { until, watched } from "../measure.js";
import { settled } from "./idle.js";

export const title = ({ documents }) => `memory, ${documents} documents touched once`;
export const sizes = { full: [{ documents: 10_000 }], quick: [{ documents: 1_000 }] };
/** automerge-repo takes minutes to take in as many documents, and the question is ours. */
export const systems = ["Simpul"];

const WORDS = "kata baru ";

export async function run(system, { documents }) {
  await system.prepare({ rooms: 1, devicesPerRoom: 2 });
  await system.start();
  const author = system.device(0);
  const texts = Array.from({ length: documents }, () => author.create());
  await author.connect();
  await author.saved();
  await author.disconnect();
  await system.stop();

  const server = await system.start();
  const reader = system.device(1);
  await reader.connect();
  await reader.caughtUp();
  await author.connect();
  // A fifth first, so that caches which are bounded are full before.
  const few = documents / 5;
  for (const text of texts.slice(0, few)) text.insert(WORDS);
  await author.saved();
  const before = await settled(server);
  const result = await watched(server, async () => {
    for (const text of texts) text.insert(WORDS);
    await author.saved();
    const copies = await Promise.all(texts.map(({ name }) => reader.open(name)));
    await until(() => copies.every((copy, n) => copy.text() === WORDS.repeat(n < few ? 2 : 1)), "the reader has every edit");
    return { afterBytes: await settled(server) };
  });
  return [{ ...result, edits: documents, baselineMB: before / 1e6, afterPercent: (100 * result.afterBytes) / before }];
}
