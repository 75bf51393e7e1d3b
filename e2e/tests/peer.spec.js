// Another client, in JavaScript, meets the app at the relay.

import * as Automerge from "@automerge/automerge";
import { Peer } from "../peer/client.js";
import { words } from "../world/grid.js";
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

const REPORT = {
  title: "", purpose: "", theme: "", organiser: "", venue: "", attendees: "", activities: "", conclusion: "", advice: "",
  closing: "", addressee: "", copies: "", preamble: "", bases: {}, travellers: {}, outcomes: {}, follow_ups: {},
};

test("a report that was begun before a field had a place shows it read-only, and says why", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  await peer.caughtUp();
  const { closing: _, follow_ups: __, ...older } = REPORT;
  await peer.create(peer.feeds[0].feed, "trip-report", { ...older, title: "Laporan lama" });

  const { page } = await world.signedIn("writer");
  await page.getByRole("link", { name: "Laporan", exact: true }).first().click();
  await page.getByRole("link", { name: "Laporan lama" }).click();
  const closing = page.getByRole("textbox", { name: "Penutup" });
  await expect(closing).toHaveAttribute("readonly");
  await expect(closing).toHaveAccessibleDescription(/tidak punya tempat untuk isian ini/);
  await expect(page.getByRole("button", { name: "Tambah tindak lanjut" })).toBeHidden();
  const advice = page.getByRole("textbox", { name: "Saran" });
  await expect(advice).not.toHaveAttribute("readonly");
  await advice.fill("Yang punya tempat, ditulis.");
  await advice.blur();
  await peer.document((root) => String(root.advice) === "Yang punya tempat, ditulis." && !("closing" in root));
  peer.close();
});

test("words that an assigned text pushed out, while their writer was offline, are offered and taken back", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  await peer.caughtUp();
  await peer.create(peer.feeds[0].feed, "trip-report", { ...REPORT, title: "Laporan yang diganti" });
  const report = () => peer.document((root) => String(root.title) === "Laporan yang diganti");

  const { device, page } = await world.signedIn("writer");
  await page.getByRole("link", { name: "Laporan", exact: true }).first().click();
  await page.getByRole("link", { name: "Laporan yang diganti" }).click();
  const conclusion = page.getByRole("textbox", { name: "Kesimpulan" });
  await expect(conclusion).toBeVisible();
  await device.goOffline();
  await conclusion.fill("Kata sri luring.");
  await conclusion.blur();
  await peer.change(await report(), (root) => { root.conclusion = "Kata klien."; });
  await device.goOnline();

  const offer = page.getByRole("group", { name: "Perlu dipilih: Kesimpulan" });
  await expect(offer).toContainText("Kata sri luring.");
  await expect(conclusion).toHaveValue("Kata klien.");
  await offer.getByRole("button", { name: "Tambahkan ke teks" }).click();
  await expect(offer).toBeHidden();
  await expect(conclusion).toHaveValue("Kata klien.\nKata sri luring.");
  await peer.document((root) => String(root.conclusion) === "Kata klien.\nKata sri luring.");
  peer.close();
});

test("a plan with JavaScript's numbers and dates is read, and says what it cannot read in field, totals and paper", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  await peer.caughtUp();
  await peer.create(peer.feeds[0].feed, "action-plan", {
    // What the document is as a text, as people write who do not know better.
    kind: "action-plan", title: "Rencana klien", working_group: "", starts_on: new Date("2026-01-01"), ends_on: 2027, lines: {},
  });
  const plan = (condition) => peer.document((root) => String(root.title) === "Rencana klien" && condition(root));
  await peer.change(await plan(() => true), (root) => {
    root.lines["0000000000000001"] = { order: "V", activity: "Pelatihan", output: "", unit: "orang", target: 40.5, ceiling: 12.5, quarter_1: 1 };
  });
  await peer.change(await plan((root) => "0000000000000001" in root.lines), (root) => { root.lines["0000000000000001"].spent = new Automerge.Float64(250000); });

  const { page } = await world.signedIn("writer");
  await page.getByRole("link", { name: "Rencana aksi", exact: true }).first().click();
  await page.getByRole("link", { name: "Rencana klien" }).click();
  await expect(words(page, "Realisasi", 1)).toHaveText("250.000");
  await expect(page.getByRole("checkbox", { name: "Triwulan I, baris 1", exact: true })).toBeChecked();
  await expect(words(page, "Target", 1)).toHaveText("40,5");
  await expect(page.getByText("Nilai yang tidak dapat dibaca aplikasi ini: 12.5")).toBeVisible();
  await expect(page.getByText("Tanpa 1 nilai yang tidak terbaca").first()).toBeVisible();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  }
  await page.goto(`${page.url()}/cetak`);
  await expect(page.getByText("nilai ditulis program lain dan tidak dapat dibaca aplikasi ini")).toBeVisible();
  peer.close();
});
