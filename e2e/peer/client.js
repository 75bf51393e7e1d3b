// A client in another language: written from shared/PROTOCOL.md alone, with the official Automerge package.
//
// It shows that the wire is what the page says, and that what Simpul writes is plain Automerge. It keeps nothing on a
// disk, so each time it signs in it is a new device and reads every feed from its beginning.

import { randomBytes } from "node:crypto";
import * as Automerge from "@automerge/automerge";
import * as cbor from "cborg";
import WebSocket from "ws";

export class Peer {
  #socket;
  #waiting = [];
  #nextId = 1;
  #asked = new Map();
  /** By the document's id in hexadecimal: {doc, kind, feed, document}. */
  documents = new Map();
  feeds = [];
  refusals = [];
  /** Every entry that came, as it came. */
  entries = [];

  /** Signs in, opens the connection and says hello. */
  static async signIn(url, { user, password }) {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: user, password, device_name: "peer", want_token: true }),
    });
    if (!answer.ok) throw new Error(`signing in answered ${answer.status}: ${await answer.text()}`);
    const session = await answer.json();
    const peer = new Peer();
    peer.token = session.token;
    peer.device = Buffer.from(session.device, "hex");
    // The actor of slot 0: the device's 16 bytes and the slot's byte.
    peer.actor = Buffer.concat([peer.device, Buffer.of(0)]).toString("hex");
    await peer.#connect(url);
    return peer;
  }

  #connect(url) {
    const headers = { authorization: `Bearer ${this.token}` };
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/sync`, "simpul.v1", { headers });
    this.#socket.binaryType = "nodebuffer";
    this.#socket.on("message", (bytes) => this.#take(cbor.decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true })));
    return new Promise((resolve, reject) => {
      this.#socket.once("error", reject);
      this.#socket.once("open", () => {
        this.#send({ t: "hello", v: 1, device: this.device, cursors: {}, own: true });
        this.until(() => this.feeds.length > 0).then(resolve);
      });
    });
  }

  close() {
    this.#socket.close();
  }

  #send(frame) {
    this.#socket.send(cbor.encode(frame));
  }

  #take(frame) {
    const answered = this.#asked.get(frame.get("id"));
    if (answered) {
      this.#asked.delete(frame.get("id"));
      answered(frame);
      return;
    }
    switch (frame.get("t")) {
      case "welcome":
        this.feeds = frame.get("feeds").map((feed) => ({
          feed: feed.get("feed"),
          role: feed.get("role"),
          head: feed.get("head"),
          at: 0,
        }));
        break;
      case "batch": {
        const feed = this.feeds.find(({ feed }) => feed === frame.get("feed"));
        for (const entry of frame.get("entries")) this.#takeEntry(feed.feed, entry);
        feed.at = frame.get("to");
        break;
      }
      case "ack":
        this.acked = frame.get("id");
        break;
      case "nack":
      case "bye":
        this.refusals.push(`${frame.get("code")}: ${frame.get("message")}`);
        break;
      default:
      // What a later version says is none of this one's business.
    }
    this.#waiting = this.#waiting.filter((waiting) => !waiting());
  }

  #takeEntry(feed, entry) {
    this.entries.push(entry);
    const bytes = entry.get("snapshot") ?? entry.get("change");
    if (!bytes) return;
    const key = Buffer.from(entry.get("doc")).toString("hex");
    const known = this.documents.get(key);
    const before = known?.document ?? Automerge.init({ actor: this.actor });
    const document = entry.get("snapshot")
      ? Automerge.merge(before, Automerge.load(bytes))
      : Automerge.applyChanges(before, [bytes])[0];
    this.documents.set(key, { doc: entry.get("doc"), kind: entry.get("kind"), feed: known?.feed ?? feed, document });
  }

  /** Resolves as soon as the condition holds; asked again after every frame. */
  until(condition) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.refusals.length > 0) reject(new Error(`the relay refused: ${this.refusals.join("; ")}`));
        else if (condition()) resolve();
        else return false;
        return true;
      };
      if (!look()) this.#waiting.push(look);
    });
  }

  /** Sends a frame of any kind that has an `id`; gives the frame that answers it, also where it refuses. */
  ask(frame) {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#send({ ...frame, id });
    });
  }

  /** Until everything that the feeds held at the welcome has been read. */
  async caughtUp() {
    await this.until(() => this.feeds.every(({ at, head }) => at >= head));
  }

  /** The first document for which the condition holds, as soon as there is one. */
  async document(condition) {
    const find = () => [...this.documents.values()].find(({ kind, document }) => condition(document, kind));
    await this.until(find);
    return find();
  }

  /** Changes a document and waits until the relay has the change on disk. `time` in seconds since 1970. */
  async change(record, edit, time = Math.floor(Date.now() / 1000)) {
    const document = Automerge.change(record.document, { time }, edit);
    record.document = document;
    await this.#push(record, [Automerge.getLastLocalChange(document)]);
  }

  /** The same document as it is now, to be changed later without what comes until then. */
  asItIs(record) {
    return { ...record, document: Automerge.clone(record.document, { actor: this.actor }) };
  }

  /** Decides on the version that this client has, and waits until the relay has the decision on disk. */
  async decide({ doc, feed, document }, event, { madeAt = Date.now(), note } = {}) {
    const id = this.#nextId++;
    const heads = Automerge.getHeads(document).map((hash) => Buffer.from(hash, "hex"));
    const said = note === undefined ? {} : { note };
    this.#send({ t: "decide", id, decision: randomBytes(16), feed, doc, event, heads, made_at: madeAt, ...said });
    await this.until(() => this.acked === id);
  }

  /** Begins a document with its first change, as the schema of its kind wants it. */
  async create(feed, kind, fields) {
    const doc = randomBytes(16);
    doc[6] = (doc[6] & 0x0f) | 0x40;
    doc[8] = (doc[8] & 0x3f) | 0x80;
    const record = { doc, kind, feed, document: Automerge.init({ actor: this.actor }) };
    this.documents.set(doc.toString("hex"), record);
    await this.change(record, (root) => {
      Object.assign(root, { id: new Uint8Array(doc), kind: new Automerge.ImmutableString(kind), schema: 1 }, fields);
    });
    return record;
  }

  async #push({ doc, kind, feed }, changes) {
    const id = this.#nextId++;
    this.#send({ t: "push", id, feed, doc, kind, changes });
    await this.until(() => this.acked === id);
  }
}
