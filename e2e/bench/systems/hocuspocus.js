// Hocuspocus: its server with SQLite, and its own provider, one socket for each device and one provider for each document.

import { HocuspocusProvider, HocuspocusProviderWebsocket } from "@hocuspocus/provider";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import WebSocket from "ws";
import * as Y from "yjs";
import { quiet, sleep } from "../measure.js";
import { ServerProcess, freePort } from "../server-process.js";

const STORED_AFTER_MS = 3_000;

export class Hocuspocus {
  static title = "Hocuspocus";

  constructor(folder) {
    this.folder = folder;
  }

  async prepare() {}

  async start() {
    this.port ??= await freePort();
    fs.mkdirSync(this.folder, { recursive: true });
    const words = [path.resolve(import.meta.dirname, "../servers/hocuspocus.js"), String(this.port), this.folder];
    this.server = await ServerProcess.start(process.execPath, words, { port: this.port });
    return this.server;
  }

  /** It writes two seconds after it has confirmed: stopped at once it would forget. */
  async stop() {
    await sleep(STORED_AFTER_MS);
    await quiet(this.server);
    await this.server.stop();
  }

  device() {
    return new Device(`ws://127.0.0.1:${this.port}`);
  }
}

class Device {
  #socket;
  #documents = new Map();

  constructor(url) {
    this.url = url;
  }

  async connect() {
    this.#socket = new HocuspocusProviderWebsocket({
      url: this.url,
      WebSocketPolyfill: WebSocket,
      // Without presence nothing is said on an idle socket; the client must not take that for a dead one.
      messageReconnectTimeout: 1e9,
    });
    const opened = new Promise((resolve) => this.#socket.on("open", resolve));
    for (const document of this.#documents.values()) document.attach(this.#socket);
    await opened;
  }

  async disconnect() {
    for (const document of this.#documents.values()) document.detach();
    this.#socket.destroy();
    this.#socket = undefined;
  }

  async caughtUp() {}

  create() {
    return this.#add(randomUUID());
  }

  async open(name) {
    const document = this.#documents.get(name) ?? this.#add(name);
    if (this.#socket) await document.synced();
    return document;
  }

  #add(name) {
    const document = new Record(name);
    this.#documents.set(name, document);
    if (this.#socket) document.attach(this.#socket);
    return document;
  }

  /** The WebSocket. */
  get wire() {
    return this.#socket.webSocket;
  }

  get count() {
    return this.#documents.size;
  }

  /** Resolves once the server has confirmed every update. It writes them to its store later. */
  async saved() {
    await Promise.all([...this.#documents.values()].map((document) => document.saved()));
  }
}

class Record {
  #document = new Y.Doc();
  #provider;

  constructor(name) {
    this.name = name;
  }

  attach(websocketProvider) {
    this.#provider = new HocuspocusProvider({ websocketProvider, name: this.name, document: this.#document, awareness: null });
    this.#provider.attach();
  }

  detach() {
    this.#provider.destroy();
    this.#provider = undefined;
  }

  onInsert(listener) {
    this.#document.getText("text").observe(({ delta, transaction }) => {
      if (transaction.local) return;
      for (const { insert } of delta) if (insert) listener(insert);
    });
  }

  insert(text) {
    const shared = this.#document.getText("text");
    shared.insert(shared.length, text);
  }

  text() {
    return this.#document.getText("text").toString();
  }

  synced() {
    return this.#once("synced", () => this.#provider.isSynced);
  }

  /** Before the first exchange the provider counts nothing as unsynced. */
  async saved() {
    await this.synced();
    await this.#once("unsyncedChanges", () => !this.#provider.hasUnsyncedChanges);
  }

  #once(event, condition) {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#provider.off(event, look);
        resolve();
      };
      this.#provider.on(event, look);
      look();
    });
  }
}
