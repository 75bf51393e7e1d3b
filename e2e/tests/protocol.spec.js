// The wire as shared/PROTOCOL.md tells it, by clients that know nothing else: no browser here.

import * as Automerge from "@automerge/automerge";
import * as cbor from "cborg";
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
