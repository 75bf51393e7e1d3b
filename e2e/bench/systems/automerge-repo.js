// automerge-repo: its server, and its own client, a Repo for each device.

import { Repo } from "@automerge/automerge-repo";
import * as Automerge from "@automerge/automerge";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import fs from "node:fs";
import path from "node:path";
import { quiet } from "../measure.js";
import { ServerProcess, freePort } from "../server-process.js";

export class AutomergeRepo {
  static title = "automerge-repo";

  constructor(folder) {
    this.folder = folder;
  }

  async prepare() {}

  async start() {
    this.port ??= await freePort();
    const data = path.join(this.folder, "server");
    fs.mkdirSync(data, { recursive: true });
    const words = [path.resolve(import.meta.dirname, "../servers/automerge-repo.js"), String(this.port), data];
    this.server = await ServerProcess.start(process.execPath, words, { port: this.port });
    return this.server;
  }

  /** It writes a tenth of a second after it has told that it knows: killed at once it would forget. */
  async stop() {
    await quiet(this.server);
    await this.server.stop();
  }

  /** A device. `keeps`: it has storage of its own, as one that comes back must. */
  device(n, { keeps = false } = {}) {
    return new Device(`ws://127.0.0.1:${this.port}`, keeps ? path.join(this.folder, `device-${n}`) : undefined);
  }
}

class Device {
  #repo;
  #adapter;
  #documents = new Map();

  constructor(url, folder) {
    this.url = url;
    this.folder = folder;
    this.#begin();
  }

  #begin() {
    this.#repo = new Repo({ network: [], storage: this.folder ? new NodeFSStorageAdapter(this.folder) : undefined });
  }

  async connect() {
    this.#adapter = new WebSocketClientAdapter(this.url);
    const greeted = new Promise((resolve) => this.#adapter.once("peer-candidate", resolve));
    this.#repo.networkSubsystem.addNetworkAdapter(this.#adapter);
    await greeted;
    this.serverStorage = this.#adapter.remotePeerId && this.#repo.peerMetadataByPeerId[this.#adapter.remotePeerId]?.storageId;
  }

  async disconnect() {
    // Or it would connect again by itself.
    this.#adapter.retryInterval = 0;
    this.#repo.networkSubsystem.removeNetworkAdapter(this.#adapter);
  }

  async caughtUp() {}

  create() {
    const handle = this.#repo.create({ text: "" });
    const document = new Record(handle, this);
    this.#documents.set(handle.url, document);
    return document;
  }

  async open(name) {
    if (!this.#documents.has(name)) {
      // A server that is busy may say first that it has nothing; the document comes all the same.
      const handle = await this.#repo.find(name, { allowableStates: ["ready", "unavailable"] });
      await handle.whenReady();
      this.#documents.set(name, new Record(handle, this));
    }
    return this.#documents.get(name);
  }

  /** The WebSocket. */
  get wire() {
    return this.#adapter.socket;
  }

  get count() {
    return this.#documents.size;
  }

  /** Resolves once the server has said, for every document, that it has the same heads. */
  async saved() {
    await Promise.all([...this.#documents.values()].map((document) => document.saved()));
  }

  /** What a device does that was closed: its memory is new, its storage is there. */
  async restart() {
    await this.#repo.flush();
    const names = [...this.#documents.keys()];
    this.#documents.clear();
    this.#begin();
    for (const name of names) await this.open(name);
  }
}

class Record {
  #handle;
  #device;
  #isWriting = false;

  constructor(handle, device) {
    this.#handle = handle;
    this.#device = device;
    this.name = handle.url;
  }

  onInsert(listener) {
    this.#handle.on("change", ({ patches }) => {
      // The event comes while the change is made, and does not say whose it is.
      if (this.#isWriting) return;
      for (const { action, value } of patches) if (action === "splice") listener(value);
    });
  }

  insert(text) {
    this.#isWriting = true;
    this.#handle.change((root) => Automerge.splice(root, ["text"], root.text.length, 0, text));
    this.#isWriting = false;
  }

  text() {
    return this.#handle.doc().text;
  }

  #isSaved() {
    const theirs = this.#handle.getSyncInfo(this.#device.serverStorage)?.lastHeads;
    const own = this.#handle.heads();
    return theirs !== undefined && theirs.length === own.length && own.every((head) => theirs.includes(head));
  }

  saved() {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#isSaved()) return;
        this.#handle.off("remote-heads", look);
        resolve();
      };
      this.#handle.on("remote-heads", look);
      look();
    });
  }
}
