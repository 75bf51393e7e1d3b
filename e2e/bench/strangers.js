// What clients without an account cost a relay in memory: `node strangers.js NAME=PROGRAM [EARLIER=PROGRAM]`, each a `simpul`.
//
// Each act meets a relay that was just started: 500 wrong sign-ins, 3,000 heads that are never finished, 10,000 connections that
// say nothing; once from one address and once from 3,000 of them. It prints how much more than the idle relay the process
// took at most, and once all are gone; after the sign-ins when the buffer for hashing has had its minute. It fails where the first
// program keeps more than 5 MiB afterwards (silent connections: 8), takes more than 30 for sign-ins, or more than an eighth
// of what the second one takes for heads.
//
// For sign-ins 24 are wanted: the buffer's 19, and 5. Five hundred connections that have sent a part of a head take 10 with hyper
// alone (`ACT="parts of heads"`), so 29 with the buffer are the floor where all are open at once.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { freePort } from "./server-process.js";

const ADDRESSES = 3_000;
const BUFFER_KEPT_MS = 62_000;
const PEAK_OF_SIGN_INS_KIB = 30 * 1024;
const acts = [
  { name: "wrong sign-ins", count: 500, say: signIn, afterwardsMs: BUFFER_KEPT_MS, keptKib: 5 * 1024 },
  { name: "half-sent heads", count: 3_000, say: () => `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(400_000)}`, afterwardsMs: 4_000, keptKib: 5 * 1024 },
  { name: "silent connections", count: 10_000, say: () => "", afterwardsMs: 4_000, keptKib: 8 * 1024 },
  { name: "parts of heads", count: 500, say: () => "GET / HTTP/1.1\r\nhost: x\r\n", afterwardsMs: 4_000, keptKib: 5 * 1024 },
];

function signIn(n) {
  const body = JSON.stringify({ username: `u${n}`, password: "Perahu-Pagi-07" });
  const head = `POST /api/v1/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  return `${head}content-length: ${body.length}\r\n\r\n${body}`;
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function memoryKib(pid, name) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]);
}

async function openFiles(pid) {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function listening(port) {
  for (const end = Date.now() + 20_000; Date.now() < end; await wait(50)) {
    const isThere = await new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isThere) return;
  }
  throw new Error("it does not listen");
}

/** One connection of the act; settles once something was answered, where an answer is awaited, or it is open. */
function come(port, n, addresses, words, isAnswered) {
  return new Promise((resolve) => {
    const from = 0x7f010001 + (n % addresses);
    const localAddress = [24, 16, 8, 0].map((shift) => (from >> shift) & 255).join(".");
    const socket = net.connect({ port, host: "127.0.0.1", localAddress });
    socket.setNoDelay();
    socket.once("connect", () => {
      if (words) socket.write(words);
      if (!isAnswered) resolve(socket);
    });
    socket.once("data", () => resolve(socket));
    socket.once("error", () => resolve(socket));
    socket.once("close", () => resolve(socket));
  });
}

async function measure(program, act, addresses) {
  const folder = await mkdtemp(path.join(tmpdir(), "strangers-"));
  const port = await freePort();
  const child = spawn(program, ["serve", "--data", path.join(folder, "data"), "--port", String(port)], { stdio: "ignore" });
  try {
    await listening(port);
    await wait(1_500);
    const idle = await memoryKib(child.pid, "VmRSS");
    const files = await openFiles(child.pid);
    await writeFile(`/proc/${child.pid}/clear_refs`, "5");
    const isAnswered = act.say === signIn;
    const all = [];
    // In waves, so that the queue of the system's listener holds them; the sign-ins wait together for their answer.
    for (let n = 0; n < act.count; n += 100) {
      const wave = Array.from({ length: Math.min(100, act.count - n) }, (_, k) => come(port, n + k, addresses, act.say(n + k), isAnswered));
      all.push(...(isAnswered ? wave : await Promise.all(wave)));
      if (isAnswered) await wait(20);
    }
    const sockets = await Promise.all(all);
    await wait(1_000);
    const most = await memoryKib(child.pid, "VmHWM");
    for (const socket of sockets) socket.destroy();
    for (const end = Date.now() + 30_000; (await openFiles(child.pid)) > files + 5 && Date.now() < end; ) await wait(50);
    await wait(act.afterwardsMs);
    const after = await memoryKib(child.pid, "VmRSS");
    return { idle, peak: most - idle, after: after - idle };
  } finally {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    await rm(folder, { recursive: true });
  }
}

const mb = (kib) => (kib / 1024).toFixed(1).padStart(7);
const only = process.env.ACT;
const programs = process.argv.slice(2).map((given) => given.split("="));
const failures = [];
for (const act of acts.filter((act) => !only || act.name === only)) {
  for (const addresses of [1, ADDRESSES]) {
    const from = addresses === 1 ? "one address" : `${addresses} addresses`;
    const found = [];
    for (const [name, program] of programs) {
      const { idle, peak, after } = await measure(program, act, addresses);
      found.push({ peak, after });
      console.log(
        `${String(act.count).padStart(6)} ${act.name.padEnd(18)} from ${from.padEnd(14)} ${name.padEnd(10)} ` +
          `idle ${mb(idle)} MiB  at most +${mb(peak)}  afterwards +${mb(after)}`,
      );
    }
    const [ours, earlier] = found;
    const fails = (why) => failures.push(`${act.name} from ${from}: ${why}`);
    if (ours.after > act.keptKib) fails("memory is not given back");
    if (act.say === signIn && ours.peak > PEAK_OF_SIGN_INS_KIB) fails("more than the bound at most");
    if (act.name === "half-sent heads" && earlier && ours.peak > earlier.peak / 8) fails("more than an eighth of the earlier build");
  }
}
for (const failure of failures) console.log(`FAILED ${failure}`);
process.exit(failures.length === 0 ? 0 : 1);
