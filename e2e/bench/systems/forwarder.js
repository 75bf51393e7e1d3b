// The same Automerge client as Simpul's in JavaScript, through a server that does nothing but forward: what is left of a
// latency where the server takes no time. Each message is a document's id and one change.

import { randomBytes } from "node:crypto";
import path from "node:path";
import WebSocket from "ws";
import { ServerProcess, freePort } from "../server-process.js";
import { Record } from "./simpul.js";

const ID_BYTES = 16;

export class Forwarder {
  static title = "nothing but forwarding";
  #devicesPerRoom;

  async prepare({ devicesPerRoom }) {
    this.#devicesPerRoom = devicesPerRoom;
  }

  async start() {
    this.port ??= await freePort();
    const words = [path.resolve(import.meta.dirname, "../servers/forwarder.js"), String(this.port)];
    this.server = await ServerProcess.start(process.execPath, words, { port: this.port });
    return this.server;
  }

  async stop() {
    await this.server.stop();
  }

  device(n) {
    return new Device(`ws://127.0.0.1:${this.port}/ruang-${Math.floor(n / this.#devicesPerRoom)}`);
  }
}

class Device {
  #url;
  #socket;
  #documents = new Map();
  #waiting = [];
  actor = randomBytes(17).toString("hex");

  constructor(url) {
    this.#url = url;
  }

  async connect() {
    this.#socket = new WebSocket(this.#url);
    this.#socket.binaryType = "nodebuffer";
    this.#socket.on("message", (bytes) => this.#take(bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)));
    await new Promise((resolve, reject) => this.#socket.once("open", resolve).once("error", reject));
  }

  #take(id, change) {
    const name = id.toString("hex");
    if (!this.#documents.has(name)) this.#documents.set(name, new Record(this, id, "trip-report"));
    this.#documents.get(name).receive(undefined, change);
    this.#waiting = this.#waiting.filter((look) => !look());
  }

  /** Begins a document. */
  create() {
    const document = Record.begun(this, randomBytes(ID_BYTES));
    this.#documents.set(document.name, document);
    return document;
  }

  /** Opens a document as soon as it is here. */
  async open(name) {
    if (!this.#documents.has(name)) {
      await new Promise((resolve) => this.#waiting.push(() => this.#documents.has(name) && (resolve(), true)));
    }
    return this.#documents.get(name);
  }

  /** There is no place where it could be safe. */
  async saved() {}

  /** The WebSocket. */
  get wire() {
    return this.#socket;
  }

  changed(document) {
    for (const change of document.unsent.splice(0)) this.#socket.send(Buffer.concat([document.id, change]));
  }
}
