// The same workloads through Simpul's relay, automerge-repo's server and Hocuspocus, each with its own clients; two of them also
// through a server that does nothing but forward, for what the clients take by themselves.
//
//   node run.js                        all of it: about half an hour
//   node run.js --quick                every workload, small: a few minutes; the times are then no more than a hint
//   node run.js rooms typing           only these workloads (rooms typing crowd library idle touch)
//   node run.js --systems simpul,hocuspocus
//
// Servers run on the first core, clients on the others. Everything arrived and was compared before a figure is printed.

import { execFile } from "node:child_process";
import os from "node:os";
import { parseArgs } from "node:util";
import { fsyncMs } from "./measure.js";
import { ratios, table } from "./report.js";

const WORKLOADS = ["rooms", "typing", "crowd", "library", "idle", "touch"];
const SYSTEMS = {
  simpul: "Simpul",
  "simpul-app": "Simpul's app",
  "automerge-repo": "automerge-repo",
  hocuspocus: "Hocuspocus",
  forwarder: "nothing but forwarding",
};

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, systems: { type: "string", default: Object.keys(SYSTEMS).join() } },
});
const systems = flags.systems.split(",");
const wanted = positionals.length > 0 ? positionals : WORKLOADS;
const unknown = [...wanted.filter((name) => !WORKLOADS.includes(name)), ...systems.filter((name) => !SYSTEMS[name])];
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", no ")}; workloads: ${WORKLOADS.join(" ")}; systems: ${Object.keys(SYSTEMS).join()}`);
  process.exit(2);
}
const cores = os.cpus().length;
if (cores < 2) {
  console.error("servers and clients need a core each, this machine has one");
  process.exit(2);
}

console.log(`${cores} cores; servers on core 0, clients on core${cores > 2 ? "s" : ""} ${clientCores()}`);
await tellFsync("4 KiB, one after the other", { bytes: 4096, everyMs: 0, times: 200 });
// As the relay's commits come in 50 rooms with an edit each 2 s, with as many pages as one writes.
await tellFsync("28 KiB, 25 a second", { bytes: 7 * 4096, everyMs: 40, times: 200 });

let failures = 0;
for (const name of wanted) {
  const workload = await import(`./workloads/${name}.js`);
  for (const size of workload.sizes[flags.quick ? "quick" : "full"]) {
    const titles = [workload.title(size)].flat();
    const results = titles.map(() => ({}));
    for (const system of systems.filter((system) => workload.systems?.includes(SYSTEMS[system]) ?? true)) {
      const measured = await runOne(name, system, size);
      measured?.forEach((result, n) => (results[n][SYSTEMS[system]] = result));
    }
    titles.forEach((title, n) => {
      console.log(`\n${title}\n${table(results[n])}`);
      const compared = ratios(results[n], SYSTEMS.simpul);
      if (compared) console.log(`\nas a multiple of Simpul's, above 1 is in Simpul's favour\n${compared}`);
    });
  }
}
if (failures > 0) console.error(`\n${failures} runs failed and have no figures`);
process.exit(failures > 0 ? 1 : 0);

async function tellFsync(what, size) {
  const { p50, p95, p99 } = await fsyncMs(size);
  console.log(`write and fdatasync of ${what}: p50 ${p50.toFixed(2)}, p95 ${p95.toFixed(2)}, p99 ${p99.toFixed(2)} ms`);
}

function clientCores() {
  return cores > 2 ? `1-${cores - 1}` : "1";
}

function runOne(workload, system, size) {
  const script = new URL("./run-one.js", import.meta.url).pathname;
  const words = ["-c", clientCores(), process.execPath, script, workload, system, JSON.stringify(size)];
  return new Promise((resolve) => {
    execFile("taskset", words, { maxBuffer: 64 << 20 }, (error, output, complaints) => {
      const line = output.split("\n").find((line) => line.startsWith("RESULT "));
      if (!error && line) return resolve(JSON.parse(line.slice(7)));
      failures += 1;
      console.error(`\n${workload} through ${system} failed:\n${complaints || error}`);
      resolve();
    });
  });
}
