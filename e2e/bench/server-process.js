// A server as a process of its own, pinned to the first core; the clients are pinned to the others.

import { spawn } from "node:child_process";
import net from "node:net";

const SERVER_CORE = "0";
const READY_WITHIN_MS = 20_000;

export class ServerProcess {
  #child;
  #output = "";
  #exited;

  /** Starts a program that listens on the port, and waits until it does. */
  static async start(program, words, { port, input = "", env = process.env }) {
    const server = new ServerProcess();
    server.port = port;
    server.#child = spawn("taskset", ["-c", SERVER_CORE, program, ...words], { env, stdio: ["pipe", "pipe", "pipe"] });
    server.#child.stdin.end(input);
    server.#exited = new Promise((resolve) => server.#child.once("exit", resolve));
    for (const stream of [server.#child.stdout, server.#child.stderr]) {
      stream.on("data", (bytes) => (server.#output = (server.#output + bytes).slice(-4000)));
    }
    let isRunning = true;
    server.#exited.then(() => (isRunning = false));
    const end = Date.now() + READY_WITHIN_MS;
    while (!(await listens(port))) {
      if (!isRunning || Date.now() > end) throw new Error(`${program} does not listen:\n${server.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return server;
  }

  /** taskset becomes the program, so this is the server itself. */
  get pid() {
    return this.#child.pid;
  }

  /** Asks it to stop, and waits until it has. */
  async stop() {
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
