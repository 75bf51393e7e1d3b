// The wire as shared/PROTOCOL.md tells it, by clients that know nothing else: no browser here.

import { randomBytes } from "node:crypto";
import * as Automerge from "@automerge/automerge";
import * as cbor from "cborg";
import WebSocket from "ws";
import { Peer } from "../peer/client.js";
import { expect, test } from "../world/test.js";

const isDocument = (doc) => (root) => root.id && Buffer.from(root.id).equals(doc);

/** Sends frames by a plain request; gives the frames of the answer. */
async function post(peer, url, path, body) {
  const headers = { authorization: `Bearer ${peer.token}`, "content-type": "application/cbor" };
  const answer = await fetch(url + path, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  return cbor.decode(new Uint8Array(await answer.arrayBuffer()), { useMaps: true });
}

/** What the answers say, in short. */
const said = (frames) => frames.map((frame) => [frame.get("t"), frame.get("id"), frame.get("code")].filter((word) => word !== undefined).join(" "));

/** A change that no other copy of the document has seen, by a slot of the device that nobody else uses. */
function anotherChange(peer, document, slot, edit) {
  const actor = Buffer.concat([peer.device, Buffer.of(slot)]).toString("hex");
  return Automerge.getLastLocalChange(Automerge.change(Automerge.clone(document, { actor }), { time: 1562716800 }, edit));
}

test("a document that one client begins reaches another, and so does what the other adds", async ({ world }) => {
  const sri = await Peer.signIn(world.relay.url, world.account("sri"));
  const budi = await Peer.signIn(world.relay.url, world.account("budi"));
  await Promise.all([sri.caughtUp(), budi.caughtUp()]);

  const { doc } = await sri.create(sri.feeds[0].feed, "agreement", { remark: "Kota kembar 👩🏽‍🌾" });
  const seen = await budi.document(isDocument(doc));
  await budi.change(seen, (root) => Automerge.splice(root, ["remark"], 0, 0, "Rintisan: "));
  const added = await sri.document((root) => isDocument(doc)(root) && String(root.remark).startsWith("Rintisan"));
  expect(String(added.document.remark)).toBe("Rintisan: Kota kembar 👩🏽‍🌾");

  sri.close();
  budi.close();
});

test("plain requests carry the same frames, and each frame gets its own answer", async ({ world }) => {
  const { url } = world.relay;
  const peer = await Peer.signIn(url, world.account("writer"));
  await peer.caughtUp();
  const { doc, feed, document } = await peer.create(peer.feeds[0].feed, "agreement", { remark: "" });
  peer.close();

  const good = anotherChange(peer, document, 1, (root) => { root.year = 2019; });
  const damaged = Uint8Array.from(good);
  damaged[damaged.length - 1] ^= 1;
  const foreign = Automerge.getLastLocalChange(
    Automerge.change(Automerge.init({ actor: "ab".repeat(17) }), (root) => { root.a = 1; }),
  );
  const orphan = anotherChange(peer, Automerge.loadIncremental(Automerge.clone(document), good), 2, (root) => { root.year = 2020; });
  const push = (id, change) => ({ t: "push", id, feed, doc, kind: "agreement", changes: [change] });
  const answers = await post(peer, url, "/api/v1/push", cbor.encode([
    push(1, damaged),
    push(2, foreign),
    push(3, orphan),
    push(4, good),
    push(5, good),
    push(6, orphan),
    { ...push(7, good), kind: "personal", changes: [anotherChange(peer, document, 3, (root) => { root.a = 1; })] },
    { t: "kelak", id: 8 },
    { t: "ping", id: 9 },
    { t: "have", id: 10, feed, docs: new Map([[new Uint8Array(doc), [new Uint8Array(32)]]]), more: false },
  ]));
  expect(said(answers)).toEqual([
    "nack 1 bad-change",
    "nack 2 wrong-actor",
    "nack 3 missing-dependencies",
    "ack 4",
    "ack 5",
    "ack 6",
    "nack 7 bad-change",
    "nack 8 unknown-frame",
    "pong 9",
    "want 10",
  ]);

  const hello = { t: "hello", v: 1, device: peer.device, cursors: {}, own: true };
  const pulled = await post(peer, url, "/api/v1/pull", cbor.encode(hello));
  expect(pulled[0].get("t")).toBe("welcome");
  const entries = pulled.slice(1).flatMap((batch) => batch.get("entries"));
  const ours = entries.filter((entry) => Buffer.from(entry.get("doc")).equals(doc));
  expect(ours.map((entry) => entry.get("by"))).toEqual(Array(3).fill(world.account("writer").user));

  // With the cursor that this gave there is nothing to tell again.
  const last = pulled.at(-1);
  const cursors = { [feed]: [last.get("to"), last.get("tag")] };
  const again = await post(peer, url, "/api/v1/pull", cbor.encode({ ...hello, cursors, epoch: pulled[0].get("epoch") }));
  expect(said(again)).toEqual(["welcome"]);
});

test("a request without a session is refused before it is read", async ({ world }) => {
  for (const path of ["/api/v1/push", "/api/v1/pull"]) {
    const answer = await fetch(world.relay.url + path, { method: "POST", body: new Uint8Array([0xff]) });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  }
});

/** What answers a frame, in short. */
const code = (answer) => answer.get("code") ?? answer.get("t");

test("nothing is taken in another's name, nor on a version that is not there, and who is meant goes on writing", async ({ world }) => {
  world.relay.operate("feed", "add", "kota-lain", "--name", "Kota Lain");
  world.relay.operate("user", "role", "budi", "--feed", "kota-lain", "--role", "writer");
  const sri = await Peer.signIn(world.relay.url, world.account("sri"));
  const budi = await Peer.signIn(world.relay.url, world.account("budi"));
  await Promise.all([sri.caughtUp(), budi.caughtUp()]);
  expect(budi.feeds.map(({ feed }) => feed).sort()).toEqual([sri.feeds[0].feed, "kota-lain"]);
  const { doc, feed } = await sri.create(sri.feeds[0].feed, "agreement", { remark: "" });
  const { document } = await budi.document(isDocument(doc));
  const first = budi.entries.find((entry) => Buffer.from(entry.get("doc")).equals(doc));
  const offer = (changes, to = feed) => budi.ask({ t: "offer", feed: to, entries: [new Map([...first, ...changes])] });

  // What would be Sri's next change, made by Budi.
  const hers = Automerge.clone(document, { actor: sri.actor });
  const forged = Automerge.getLastLocalChange(Automerge.change(hers, { time: 1562716800 }, (root) => { root.year = 2019; }));
  for (const receipt of [first.get("receipt"), new Uint8Array(16)]) {
    expect(code(await offer([["change", forged], ["receipt", receipt]]))).toBe("unproven");
  }

  const heads = Automerge.getHeads(document).map((hash) => new Uint8Array(Buffer.from(hash, "hex")));
  const decision = { decision: randomBytes(16), event: "submit", heads, made_at: 1562716800000 };
  const decided = new Map([...first, ["decision", decision]]);
  decided.delete("change");
  expect(code(await budi.ask({ t: "offer", feed, entries: [decided] }))).toBe("unproven");

  const decide = (peer, said) => peer.ask({ t: "decide", feed, doc, ...decision, ...said });
  expect(code(await decide(sri, { heads: [] }))).toBe("bad-decision");
  const unknown = randomBytes(32);
  const missing = await decide(sri, { heads: [unknown] });
  expect(code(missing)).toBe("missing-dependencies");
  expect(missing.get("hashes").map((hash) => Buffer.from(hash))).toEqual([unknown]);
  expect(code(await decide(sri, {}))).toBe("ack");
  expect(code(await decide(sri, {})), "said again").toBe("ack");
  expect(code(await decide(sri, { note: "lain" })), "with other words").toBe("bad-decision");
  expect(code(await decide(budi, {})), "replayed by another").toBe("bad-decision");

  expect(code(await offer([], "kota-lain")), "in another feed, in which Budi writes").toBe("unknown-document");
  expect(code(await offer([], "wilayah-lain")), "in a feed that is not theirs").toBe("unknown-document");

  await sri.change(await sri.document(isDocument(doc)), (root) => Automerge.splice(root, ["remark"], 0, 0, "Tetap menulis"));
  sri.close();
  budi.close();
});

test("what is said before the welcome is answered after it, and only of feeds that the person may read", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  const [{ feed }] = peer.feeds;
  peer.close();
  const headers = { authorization: `Bearer ${peer.token}` };
  const socket = new WebSocket(`${world.relay.url.replace("http", "ws")}/api/v1/sync`, "simpul.v1", { headers });
  socket.binaryType = "nodebuffer";
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const heard = [];
  const all = new Promise((resolve) => {
    socket.on("message", (bytes) => {
      const frame = cbor.decode(bytes, { useMaps: true });
      if (frame.get("t") !== "batch") heard.push(frame);
      if (heard.length === 3) resolve();
    });
  });
  const docs = new Map([[new Uint8Array(randomBytes(16)), [new Uint8Array(32)]]]);
  socket.send(cbor.encode({ t: "hello", v: 1, device: peer.device, cursors: {}, own: true }));
  socket.send(cbor.encode({ t: "have", id: 1, feed: "wilayah-lain", docs, more: false }));
  socket.send(cbor.encode({ t: "have", id: 2, feed, docs, more: false }));
  await all;
  socket.close();
  expect(said(heard)).toEqual(["welcome", "nack 1 unknown-document", "want 2"]);
});
