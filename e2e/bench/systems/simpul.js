// Simpul's relay, and a client in JavaScript with the official Automerge package, as the peers have one. It keeps what it
// received as it came and opens a document when somebody wants to see it, and works on Automerge itself without a JavaScript
// object beside it, both as the app does.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import * as Automerge from "@automerge/automerge";
import { Encoder } from "cbor-x";
import WebSocket from "ws";
import { each } from "../measure.js";
import { ServerProcess, freePort } from "../server-process.js";

const project = path.resolve(import.meta.dirname, "../../..");
const program = process.env.SIMPUL ?? path.join(project, "target/release/simpul");
const PASSWORD = "panjang-sekali-rahasia";
/** The protocol's most changes in one push, and the relay's most pushes without an ack. */
const CHANGES_A_PUSH = 64;
const PUSHES_UNDER_WAY = 32;
/** Frames are plain maps and byte strings. */
const cbor = new Encoder({ useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false });
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SIMPUL|PORT$)/.test(name)));

export class Simpul {
  static title = "Simpul";
  /** Of each device, as signing in gave it. */
  sessions;

  constructor(folder) {
    this.folder = folder;
  }

  /** Makes a feed and a person for each room, and signs every device in: none of that is measured. */
  async prepare({ rooms, devicesPerRoom }) {
    if (!fs.existsSync(program)) throw new Error(`${program} is missing: cargo build --release -p simpul`);
    const run = (words, input) => execFileSync(program, [...words, "--data", this.folder], { env, input, stdio: "pipe" });
    const links = [];
    for (let room = 0; room < rooms; room += 1) {
      run(["feed", "add", `ruang-${room}`, "--name", `Ruang ${room}`]);
      const person = ["--name", `Orang ${room}`, "--feed", `ruang-${room}`, "--role", "writer"];
      const said = run(["user", "add", `u${room}`, ...person, "--link"]).toString();
      links.push(said.match(/tautan#([0-9a-f]+)/)[1]);
    }
    await this.start();
    for (const token of links) {
      const body = JSON.stringify({ token, password: PASSWORD });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${this.url}/api/v1/link/password`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`setting a password answered ${answer.status}: ${await answer.text()}`);
    }
    const devices = Array.from({ length: rooms * devicesPerRoom }, (_, n) => Math.floor(n / devicesPerRoom));
    this.sessions = await each(devices, 2, async (room) => {
      const body = JSON.stringify({ username: `u${room}`, password: PASSWORD, device_name: "bench", want_token: true });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${this.url}/api/v1/session`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`);
      return { room, ...(await answer.json()) };
    });
    await this.stop();
  }

  async start() {
    this.port ??= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const words = ["serve", "--address", "127.0.0.1", "--port", String(this.port), "--data", this.folder];
    this.server = await ServerProcess.start(program, words, { port: this.port, env: { ...env, SIMPUL_LOG: "error" } });
    return this.server;
  }

  async stop() {
    await this.server.stop();
  }

  /** A device that knows nothing yet. */
  device(n) {
    return new Device(this.url, this.sessions[n]);
  }
}

class Device {
  #socket;
  #feed;
  #cursor;
  #epoch;
  #head = Infinity;
  #nextId = 1;
  #underWay = 0;
  #queue = [];
  #waiting = [];
  /** By the document's id in hexadecimal. */
  #documents = new Map();
  #isTold = false;

  constructor(url, session) {
    this.url = url;
    this.session = session;
    this.#feed = `ruang-${session.room}`;
    this.id = Buffer.from(session.device, "hex");
    this.actor = Buffer.concat([this.id, Buffer.of(0)]).toString("hex");
  }

  /** Connects, and returns once the relay has greeted. Everything else comes by itself. */
  async connect() {
    const headers = { authorization: `Bearer ${this.session.token}` };
    this.#isTold = false;
    this.#socket = new WebSocket(`${this.url.replace("http", "ws")}/api/v1/sync`, "simpul.v1", { headers });
    this.#socket.binaryType = "nodebuffer";
    this.#socket.on("message", (bytes) => this.#take(cbor.decode(bytes)));
    await new Promise((resolve, reject) => this.#socket.once("open", resolve).once("error", reject));
    // What a device wrote it has already, as the app has.
    const hello = { t: "hello", v: 1, device: this.id, cursors: {}, own: false };
    if (this.#cursor) Object.assign(hello, { epoch: this.#epoch, cursors: { [this.#feed]: this.#cursor } });
    this.#send(hello);
    for (const document of this.#documents.values()) this.#push(document);
    await this.#until(() => this.#isTold);
  }

  disconnect() {
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.close();
    return closed;
  }

  #send(frame) {
    this.#socket.send(cbor.encode(frame));
  }

  #take(frame) {
    switch (frame.t) {
      case "welcome":
        this.#epoch = frame.epoch;
        this.#head = frame.feeds[0].head;
        this.#isTold = true;
        break;
      case "batch":
        for (const entry of frame.entries) this.#takeEntry(entry);
        this.#cursor = [frame.to, frame.tag];
        this.onBatch?.();
        break;
      case "ack":
        this.#underWay -= 1;
        this.#sendMore();
        break;
      case "nack":
      case "bye":
        // The server is stopped once all is measured.
        if (frame.code === "restarting") break;
        throw new Error(`the relay refused: ${frame.code}: ${frame.message}`);
    }
    this.#waiting = this.#waiting.filter((look) => !look());
  }

  #takeEntry(entry) {
    const key = Buffer.from(entry.doc).toString("hex");
    let document = this.#documents.get(key);
    if (!document) {
      document = new Record(this, entry.doc, entry.kind);
      this.#documents.set(key, document);
    }
    document.receive(entry.snapshot, entry.change);
  }

  #until(condition) {
    return new Promise((resolve) => {
      const look = () => condition() && (resolve(), true);
      if (!look()) this.#waiting.push(look);
    });
  }

  /** Resolves once everything that the feed held at the welcome is here. */
  caughtUp() {
    return this.#until(() => (this.#cursor?.[0] ?? 0) >= this.#head);
  }

  /** Resolves once the relay has acked all that this device wrote: it is on its disk then. */
  saved() {
    return this.#until(() => this.#underWay === 0 && this.#queue.length === 0);
  }

  /** Begins a document. */
  create() {
    const id = randomBytes(16);
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
    const document = Record.begun(this, id);
    this.#documents.set(document.name, document);
    return document;
  }

  /** Opens a document as soon as it is here. */
  async open(name) {
    await this.#until(() => this.#documents.has(name));
    return this.#documents.get(name);
  }

  /** The WebSocket. */
  get wire() {
    return this.#socket;
  }

  get count() {
    return this.#documents.size;
  }

  changed(document) {
    if (this.#socket?.readyState === WebSocket.OPEN && this.#isTold) this.#push(document);
  }

  #push(document) {
    while (document.unsent.length > 0) {
      const changes = document.unsent.splice(0, CHANGES_A_PUSH);
      const id = this.#nextId++;
      this.#queue.push({ t: "push", id, feed: this.#feed, doc: document.id, kind: document.kind, changes });
    }
    this.#sendMore();
  }

  #sendMore() {
    for (; this.#underWay < PUSHES_UNDER_WAY && this.#queue.length > 0; this.#underWay += 1) this.#send(this.#queue.shift());
  }
}

/** An Automerge document on a device, whose actor it writes as and which it tells when it has something unsent. */
export class Record {
  #document;
  #text;
  /** Where the text ends, as an editor knows where its caret stands. */
  #end;
  #device;
  #chunks = [];
  #listener;
  unsent = [];

  constructor(device, id, kind) {
    this.#device = device;
    this.id = id;
    this.kind = kind;
    this.name = Buffer.from(id).toString("hex");
  }

  /** A document that begins on the device. */
  static begun(device, id) {
    const document = new Record(device, id, "trip-report");
    document.change((content) => {
      content.put("_root", "id", new Uint8Array(id));
      content.put("_root", "kind", document.kind, "str");
      content.put("_root", "schema", 1, "int");
      content.putObject("_root", "text", "");
    });
    return document;
  }

  receive(snapshot, change) {
    if (snapshot) this.#chunks.push({ snapshot });
    else if (change) this.#chunks.push({ change });
    if (this.#listener) this.#opened();
  }

  /** The Automerge document, with all chunks that came. */
  #opened() {
    this.#document ??= Automerge.getBackend(Automerge.init({ actor: this.#device.actor }));
    const chunks = this.#chunks.splice(0);
    for (const { snapshot } of chunks) if (snapshot) this.#document.loadIncremental(snapshot);
    const changes = chunks.flatMap(({ change }) => (change ? [change] : []));
    if (changes.length > 0) {
      this.#document.applyChanges(changes);
      this.#show(this.#listener && this.#document.diffIncremental());
    }
    return this.#document;
  }

  /** Follows what others changed, which is not known where nobody listens. */
  #show(patches) {
    if (!patches) this.#end = undefined;
    for (const { action, value, length } of patches ?? []) {
      if (action === "del") this.#end -= length ?? 1;
      if (action !== "splice") continue;
      this.#end += value.length;
      this.#listener(value);
    }
  }

  /** The text's object, which the first change makes and nothing replaces. */
  #textObject() {
    this.#text ??= this.#opened().getWithType("_root", "text")[1];
    return this.#text;
  }

  /** Calls back with every text that others insert. */
  onInsert(listener) {
    this.#opened().updateDiffCursor();
    this.#end = this.#document.length(this.#textObject());
    this.#listener = listener;
  }

  change(edit) {
    const document = this.#opened();
    edit(document);
    // Automerge's times are seconds.
    document.commit(undefined, Math.floor(Date.now() / 1000));
    // What was written here is no news.
    if (this.#listener) document.updateDiffCursor();
    this.unsent.push(document.getLastLocalChange());
    this.#device.changed(this);
  }

  insert(text) {
    const object = this.#textObject();
    this.#end ??= this.#document.length(object);
    this.change((document) => document.splice(object, this.#end, 0, text));
    this.#end += text.length;
  }

  text() {
    return this.#opened().text(this.#textObject());
  }
}
