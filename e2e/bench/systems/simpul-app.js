// Simpul's relay, and the device that the app is: its engine and its documents as wasm (../client), built as the app is built,
// over tables in memory in place of the browser's database.

import { randomBytes, randomInt } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import WebSocket from "ws";
import { Simpul } from "./simpul.js";

const client = path.resolve(import.meta.dirname, "../../../target/bench-client");
const { initSync, Device: Engine } = await import(path.join(client, "client.mjs"));
initSync({ module: fs.readFileSync(path.join(client, "client.wasm")) });

export class SimpulApp extends Simpul {
  static title = "Simpul's app";

  /** A device that knows nothing yet. Each is asked for once: a second one of the same name would be a copied database. */
  device(n) {
    return new Device(this.url, this.sessions[n]);
  }
}

/** A device's store, with a tab that is open while it is connected. */
class Device {
  #url;
  #token;
  #engine;
  #socket;
  #timer;
  #wakesAt;
  #waiting = [];
  /** By name, of those that are listened to. */
  #listeners = new Map();

  constructor(url, { room, user, device, token }) {
    this.#url = `${url.replace("http", "ws")}/api/v1/sync`;
    this.#token = token;
    const host = {
      open: () => this.#open(),
      send: (frame) => this.#socket.send(frame),
      close: () => this.#forget()?.close(),
      inserted: (name, text) => this.#listeners.get(name)(text),
    };
    this.#engine = new Engine(host, user, Buffer.from(device, "hex"), `ruang-${room}`);
  }

  /** Opens the tab, and returns once the relay has greeted. Everything else comes by itself. */
  connect() {
    this.#engine.start(Date.now(), randomInt(2 ** 32 - 1));
    this.#heard();
    return this.#until(() => this.#engine.is_connected());
  }

  /** Closes the tab. */
  disconnect() {
    this.#engine.stop();
    clearTimeout(this.#timer);
    this.#wakesAt = undefined;
    const socket = this.#forget();
    if (!socket || socket.readyState === WebSocket.CLOSED) return undefined;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.close();
    return closed;
  }

  #open() {
    const headers = { authorization: `Bearer ${this.#token}` };
    const socket = new WebSocket(this.#url, "simpul.v1", { headers });
    const tell = (what) => {
      // What a socket that was let go of says is of no interest.
      if (socket !== this.#socket) return;
      what();
      this.#heard();
    };
    socket.on("open", () => tell(() => this.#engine.opened(Date.now())));
    socket.on("message", (bytes) => tell(() => this.#engine.frame(Date.now(), bytes)));
    socket.on("close", () => tell(() => this.#engine.closed(Date.now())));
    // It is followed by "close".
    socket.on("error", () => {});
    this.#socket = socket;
  }

  #forget() {
    const socket = this.#socket;
    this.#socket = undefined;
    return socket;
  }

  /** After the engine has heard something: who waits looks again, and the engine is woken when it wants to be. */
  #heard() {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((look) => !look());
    const wakesAt = this.#engine.wakes_at();
    if (wakesAt === this.#wakesAt) return;
    this.#wakesAt = wakesAt;
    clearTimeout(this.#timer);
    if (wakesAt === undefined) return;
    this.#timer = setTimeout(() => {
      this.#wakesAt = undefined;
      this.#engine.wake(Date.now());
      this.#heard();
    }, wakesAt - Date.now());
  }

  #until(condition) {
    return new Promise((resolve) => {
      const look = () => condition() && (resolve(), true);
      if (!look()) this.#waiting.push(look);
    });
  }

  /** Resolves once everything that the relay had is stored here, and all that waited is acked. */
  caughtUp() {
    return this.#until(() => this.#engine.is_synced());
  }

  /** Resolves once the relay has acked all that this device wrote: it is on its disk then. */
  saved() {
    return this.#until(() => this.#engine.waiting() === 0);
  }

  /** Begins a document. */
  create() {
    const name = this.#engine.create(Date.now(), randomBytes(16));
    this.#heard();
    return new Record(this, name);
  }

  /** Resolves with a document as soon as it is here. */
  async open(name) {
    await this.#until(() => this.#engine.has(name));
    return new Record(this, name);
  }

  /** The WebSocket. */
  get wire() {
    return this.#socket;
  }

  listen(name, listener) {
    this.#listeners.set(name, listener);
    this.#engine.watch(Date.now(), name);
  }

  insert(name, text) {
    this.#engine.insert(Date.now(), name, text);
    this.#heard();
  }

  text(name) {
    return this.#engine.text(Date.now(), name);
  }
}

/** A document on a device. */
class Record {
  #device;

  constructor(device, name) {
    this.#device = device;
    this.name = name;
  }

  /** Calls back with every text that others insert. */
  onInsert(listener) {
    this.#device.listen(this.name, listener);
  }

  insert(text) {
    this.#device.insert(this.name, text);
  }

  text() {
    return this.#device.text(this.name);
  }
}
