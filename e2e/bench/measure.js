// What is measured, and how: a server's processor time and memory, what goes over the sockets, the disk's own speed.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import WebSocket from "ws";

/** Frames and payload bytes of every WebSocket client of this process. All three systems' clients use this package. */
export const traffic = { upFrames: 0, upBytes: 0, downFrames: 0, downBytes: 0 };

/** Who wants to know when a socket sends next, and when each received last. */
const awaited = new WeakMap();
const received = new WeakMap();

/** Tells the time of the socket's next send, once. */
export function onNextSend(socket, tell) {
  awaited.set(socket, tell);
}

/** When the socket's last message came. */
export function lastReceivedAt(socket) {
  return received.get(socket);
}

const size = (data) => (typeof data === "string" ? Buffer.byteLength(data) : data.byteLength);

const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data, ...rest) {
  traffic.upFrames += 1;
  traffic.upBytes += size(data);
  const tell = awaited.get(this);
  awaited.delete(this);
  tell?.(performance.now());
  return send.call(this, data, ...rest);
};
const emit = WebSocket.prototype.emit;
WebSocket.prototype.emit = function (name, data, ...rest) {
  if (name === "message") {
    traffic.downFrames += 1;
    traffic.downBytes += size(data);
    received.set(this, performance.now());
  }
  return emit.call(this, name, data, ...rest);
};

/** What went over the sockets since `before`. */
export function trafficSince(before) {
  return Object.fromEntries(Object.entries(traffic).map(([key, value]) => [key, value - before[key]]));
}

/** Ticks a second in /proc/PID/stat: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** What the kernel says of a process. */
export class Process {
  constructor(pid) {
    this.pid = pid;
  }

  /** Processor time so far, all threads, in ms. */
  cpuMs() {
    const stat = fs.readFileSync(`/proc/${this.pid}/stat`, "utf8");
    // The name stands in brackets and may hold anything; the 14th and 15th field are user and system time.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
  }

  #status(key) {
    const line = fs.readFileSync(`/proc/${this.pid}/status`, "utf8").split("\n").find((line) => line.startsWith(`${key}:`));
    return Number(line.match(/\d+/)[0]) * 1024;
  }

  /** Memory in use now. */
  residentBytes() {
    return this.#status("VmRSS");
  }

  /** The most memory in use since the last `forgetPeak`. */
  peakBytes() {
    return this.#status("VmHWM");
  }

  forgetPeak() {
    fs.writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }
}

/**
 * Percentiles of a write and fdatasync, in ms, in the folder where the servers keep their data. A disk that rests between two writes
 * takes longer for each than one that is kept busy, so the pause belongs to the figure.
 */
export async function fsyncMs({ bytes, everyMs, times: count }) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "bench-fsync-")), "file");
  const descriptor = fs.openSync(file, "w");
  const content = Buffer.alloc(bytes, 7);
  const times = [];
  for (let n = 0; n < count; n += 1) {
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
    const began = performance.now();
    fs.writeSync(descriptor, content);
    fs.fdatasyncSync(descriptor);
    times.push(performance.now() - began);
  }
  fs.closeSync(descriptor);
  fs.rmSync(path.dirname(file), { recursive: true });
  return percentiles(times);
}

/** p50, p95 and p99. Throws where nothing was measured. */
export function percentiles(values) {
  if (values.length === 0) throw new Error("nothing was measured");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Measures the server and the sockets while `work` runs. */
export async function watched(server, work) {
  const watch = new Process(server.pid);
  watch.forgetPeak();
  const [cpu, own, before, began] = [watch.cpuMs(), process.cpuUsage(), { ...traffic }, performance.now()];
  const result = await work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(own);
  return {
    ...result,
    ...trafficSince(before),
    serverCpuMs: watch.cpuMs() - cpu,
    serverCpuPercent: (100 * (watch.cpuMs() - cpu)) / ms,
    clientCpuPercent: (100 * (user + system)) / 1000 / ms,
    peakMB: watch.peakBytes() / 1e6,
  };
}

/** Waits until the condition holds; it is asked again every few milliseconds. Only for set-up and validation. */
export async function until(condition, what, withinMs = 120_000) {
  const end = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`gave up waiting until ${what}`);
    await sleep(10);
  }
}

/** Waits until a server does nothing any more: what it writes late is written. */
export async function quiet(server) {
  const watch = new Process(server.pid);
  let last;
  do {
    last = watch.cpuMs();
    await sleep(500);
  } while (watch.cpuMs() - last > 10);
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `work` over all items, so many at once. */
export async function each(items, atOnce, work) {
  const queue = [...items.entries()];
  const results = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1], next[0]);
    }),
  );
  return results;
}
