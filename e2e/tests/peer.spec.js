// Another client, in JavaScript, meets the app at the relay.

import * as Automerge from "@automerge/automerge";
import { Peer } from "../peer/client.js";
import { expect, test } from "../world/test.js";

test("what a client in another language writes is shown by the app, and what the app writes it reads", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  await peer.caughtUp();
  const report = await peer.document((_, kind) => kind === "trip-report");
  await peer.change(report, (root) => Automerge.updateText(root, ["title"], "Laporan dari klien lain"));

  const { page } = await world.signedIn("writer");
  await page.getByRole("link", { name: "Laporan", exact: true }).first().click();
  await page.getByRole("link", { name: "Laporan dari klien lain" }).click();
  const closing = page.getByRole("textbox", { name: "Penutup" });
  await closing.fill("Ditulis di peramban.");
  await closing.blur();

  await peer.document((root) => String(root.closing) === "Ditulis di peramban.");
  peer.close();
});
