// One workload through one system, in a process of its own; prints the results as one line of JSON.
//
//   node run-one.js WORKLOAD SYSTEM SIZE-AS-JSON

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const [workload, module, size] = process.argv.slice(2);
const { run } = await import(`./workloads/${workload}.js`);
const System = Object.values(await import(`./systems/${module}.js`)).find(({ title }) => title);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-peers-"));
const system = new System(folder);
let failed = 0;
try {
  const results = await run(system, JSON.parse(size));
  console.log(`RESULT ${JSON.stringify(results)}`);
} catch (error) {
  console.error(error);
  failed = 1;
}
await system.stop().catch(() => {});
fs.rmSync(folder, { recursive: true, force: true });
process.exit(failed);
