// A real relay with a data folder of its own, which can be stopped, killed and started again at the same address.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

export const project = path.resolve(import.meta.dirname, "../..");

/** The relay's program: the quick build, or what $SIMPUL names. */
const program = process.env.SIMPUL ?? path.join(project, "target/debug/simpul");

/** The bundled app, and the same app as another version. */
export const sites = {
  current: path.join(project, "target/site"),
  next: path.join(project, "target/site-next"),
};

const READY_WITHIN_MS = 20_000;

export class Relay {
  #child = null;
  #output = "";
  #exited = Promise.resolve();

  constructor(folder, port, build) {
    this.folder = folder;
    this.port = port;
    this.program = build.program;
    this.url = `http://localhost:${port}`;
  }

  /** Starts a relay with demonstration data, serving a copy of the current site; or those of another build. */
  static async start(build = { program, site: sites.current }) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "simpul-e2e-"));
    const relay = new Relay(folder, await freePort(), build);
    relay.serve(build.site);
    await relay.start();
    return relay;
  }

  /** Puts a bundled site in place, also under a relay that runs. */
  serve(site) {
    if (!fs.existsSync(path.join(site, "index.html"))) {
      throw new Error(`${site} holds no site: run .ci/steps bundle`);
    }
    const place = path.join(this.folder, "site");
    const fresh = path.join(this.folder, "site.new");
    fs.cpSync(site, fresh, { recursive: true });
    fs.rmSync(place, { recursive: true, force: true });
    fs.renameSync(fresh, place);
  }

  async start() {
    const words = ["--demo", "--data", path.join(this.folder, "data"), "--port", String(this.port)];
    words.push("--site", path.join(this.folder, "site"));
    // Only what the test sets may decide: a developer's own settings stay out.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SIMPUL|PORT$)/.test(name)));
    const child = spawn(this.program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once("exit", resolve);
      child.once("error", (error) => resolve((this.#output += `${this.program}: ${error.message}\n`)));
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (this.#output += bytes));
    let running = true;
    this.#exited.then(() => (running = false));
    const until = Date.now() + READY_WITHIN_MS;
    while (!(await this.#isReady()) || this.accounts.length === 0) {
      if (!running) throw new Error(`the relay ended at once:\n${this.#output}`);
      if (Date.now() > until) throw new Error(`the relay is not ready:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #isReady() {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** Asks it to stop, as an operator does, and waits until it has. */
  async stop() {
    this.#child?.kill("SIGTERM");
    await this.#exited;
  }

  /** Ends it at once, as a power cut does. */
  async kill() {
    this.#child?.kill("SIGKILL");
    await this.#exited;
  }

  /** What an operator does on the relay's own machine, also while it runs: `simpul user …`. */
  operate(...words) {
    return this.operateWith("", ...words);
  }

  /** The same, with what is typed when it asks. */
  operateWith(input, ...words) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SIMPUL|PORT$)/.test(name)));
    const [first, ...rest] = words;
    const where = ["--data", path.join(this.folder, "data")];
    return execFileSync(this.program, [first, ...where, ...rest], { env, encoding: "utf8", input });
  }

  /** The demonstration accounts that it printed. */
  get accounts() {
    const line = /^(\S+)\s*\t(\S+)\s*\t(\S+)\s*\t(reader|writer|approver|admin)\s*$/gm;
    return [...this.#output.matchAll(line)].map(([, user, password, feeds, role]) => ({
      user,
      password,
      feeds: feeds.split(","),
      role,
    }));
  }

  /** What it has written to its terminal. */
  get output() {
    return this.#output;
  }

  /** Ends it and removes its folder. */
  async remove() {
    await this.kill();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
