// Another client, in JavaScript, meets the app at the relay.

import fs from "node:fs";
import path from "node:path";
import * as Automerge from "@automerge/automerge";
import { Peer } from "../peer/client.js";
import { words } from "../world/grid.js";
import { field, open } from "../world/record.js";
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

const AGREEMENT = { title: "", fields: "", legal_basis: "", remarks: "", sources: "", stages: {}, links: {} };

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

test("results that a program assigns or deletes, while their writer was offline, lose no word", async ({ world }) => {
  const peer = await Peer.signIn(world.relay.url, world.account("writer"));
  await peer.caughtUp();
  const [first, second] = ["0000000000000001", "0000000000000002"];
  const outcomes = { [first]: { order: "V", text: "Hasil satu." }, [second]: { order: "W", text: "Hasil dua." } };
  await peer.create(peer.feeds[0].feed, "trip-report", { ...REPORT, title: "Laporan yang ditata ulang", outcomes });
  const report = () => peer.document((root) => String(root.title) === "Laporan yang ditata ulang");

  const { device, page } = await world.signedIn("writer");
  await page.getByRole("link", { name: "Laporan", exact: true }).first().click();
  await page.getByRole("link", { name: "Laporan yang ditata ulang" }).click();
  const results = page.getByRole("region", { name: "III. Hasil" });
  const texts = results.getByRole("textbox", { name: /^Hasil \d/ });
  await expect(texts).toHaveCount(2);
  await device.goOffline();
  for (const [nth, text] of ["Hasil satu. Kata sri.", "Hasil dua. Kata sri."].entries()) {
    await texts.nth(nth).fill(text);
    await texts.nth(nth).blur();
  }
  await peer.change(await report(), (root) => {
    root.outcomes[first] = { order: "V", text: "Hasil klien." };
    delete root.outcomes[second];
  });
  await device.goOnline();

  const offer = page.getByRole("group", { name: "Perlu dipilih: Hasil 1" });
  await expect(offer).toContainText("Hasil satu. Kata sri.");
  await expect(texts).toHaveValue("Hasil klien.");
  await offer.getByRole("button", { name: "Tambahkan ke teks" }).click();
  await expect(texts).toHaveValue("Hasil klien.\nHasil satu. Kata sri.");
  await results.getByText("Dihapus: 1").click();
  await expect(results.getByText("Hasil dua. Kata sri.")).toBeVisible();
  await results.getByRole("button", { name: /Hasil dua/ }).click();
  await expect(texts).toHaveCount(2);
  await peer.document((root) => String(root.outcomes?.[second]?.text) === "Hasil dua. Kata sri.");
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

test("what other programs write in their own way stands the same in the app, in the relay's lists and in the export", async ({ world }) => {
  const [one, other] = await Promise.all(["sri", "budi"].map((user) => Peer.signIn(world.relay.url, world.account(user))));
  await Promise.all([one.caughtUp(), other.caughtUp()]);
  const [{ feed }] = one.feeds;
  const named = (title) => (root) => String(root.title) === title;
  /** Two devices change what both have, neither with the other's change. */
  const atOnce = async (title, first, second) => {
    const theirs = other.asItIs(await other.document(named(title)));
    const mine = one.asItIs(await one.document(named(title)));
    await one.change(mine, first);
    await other.change(theirs, second);
  };

  // Seconds are meant; this one says milliseconds, some fifty thousand years ahead.
  await one.create(feed, "trip-report", { ...REPORT, title: "Waktu milidetik" });
  await one.change(await one.document(named("Waktu milidetik")), (root) => Automerge.splice(root, ["closing"], 0, 0, "Selesai."), Date.now());
  await one.create(feed, "trip-report", { ...REPORT, kind: "trip-report", title: "Jenis sebagai teks" });
  await one.create(feed, "trip-report", { ...REPORT, title: "Laporan blok", conclusion: "satudua" });
  await one.change(await one.document(named("Laporan blok")), (root) => {
    Automerge.splitBlock(root, ["conclusion"], 4, { type: "paragraph", parents: [], attrs: {} });
  });
  await one.create(feed, "trip-report", { ...REPORT, title: "Dua penggantian" });
  await atOnce("Dua penggantian", (root) => { root.conclusion = "Kata satu."; }, (root) => { root.conclusion = "Kata dua."; });
  await one.create(feed, "trip-report", { ...REPORT, title: "Dua pecahan" });
  await atOnce("Dua pecahan", (root) => { root.attendance = 40.5; }, (root) => { root.attendance = 41.5; });
  await one.create(feed, "agreement", { ...AGREEMENT, title: new Automerge.ImmutableString("Judul tetap") });

  const { page } = await world.signedIn("ketut");
  await page.getByRole("link", { name: "Laporan", exact: true }).first().click();
  for (const title of ["Waktu milidetik", "Jenis sebagai teks", "Laporan blok", "Dua penggantian", "Dua pecahan"]) {
    await expect(page.getByRole("main").getByRole("link", { name: title })).toBeVisible();
  }

  await open(page, "Laporan", "Laporan blok");
  await expect(field(page, "Kesimpulan")).toHaveValue("satu\ndua");
  await open(page, "Laporan", "Dua penggantian");
  const words = page.getByRole("group", { name: "Perlu dipilih: Kesimpulan" });
  for (const text of ["Kata satu.", "Kata dua."]) await expect(words).toContainText(text);
  await open(page, "Laporan", "Dua pecahan");
  const numbers = page.getByRole("group", { name: "Perlu dipilih: Jumlah peserta" });
  for (const text of ["40,5", "41,5"]) await expect(numbers).toContainText(text);
  await open(page, "Kerja sama", "Judul tetap");

  const folder = path.join(world.relay.folder, "export");
  expect(world.relay.operate("export", folder)).toContain("documents, and index.json");
  const read = (file) => JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
  const { documents, damage } = read("index.json");
  expect(damage).toEqual([]);
  const exported = (title) => {
    const line = documents.find((line) => line.title === title);
    return { ...read(line.json), edited_at: line.edited_at };
  };
  const downloaded = async (title) => {
    const headers = { authorization: `Bearer ${one.token}` };
    const answer = await fetch(`${world.relay.url}/api/v1/documents/${exported(title).document}`, { headers });
    return Automerge.load(new Uint8Array(await answer.arrayBuffer()));
  };
  for (const title of ["Waktu milidetik", "Jenis sebagai teks", "Laporan blok", "Dua penggantian", "Dua pecahan", "Judul tetap"]) {
    const kind = title === "Judul tetap" ? "agreement" : "trip-report";
    expect(exported(title)).toMatchObject({ kind, content: { title }, unreadable: [] });
    expect(String((await downloaded(title)).title)).toBe(title);
  }
  expect(exported("Laporan blok").content.conclusion).toBe("satu\ndua");
  const conflict = (title) => exported(title).conflicts.map(({ field, values }) => [field, values.map(String).sort()]);
  expect(conflict("Dua penggantian")).toEqual([["conclusion", ["Kata dua.", "Kata satu."]]]);
  expect(conflict("Dua pecahan")).toEqual([["attendance", ["40.5", "41.5"]]]);
  one.close();
  other.close();
});
