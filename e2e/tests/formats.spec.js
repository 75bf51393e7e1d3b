// What a released version left in a browser, today's app opens.

import fs from "node:fs";
import path from "node:path";
import { words } from "../world/grid.js";
import { field } from "../world/record.js";
import { project } from "../world/relay.js";
import { expect, test } from "../world/test.js";

/** The rows of Citra's device, as 0.1 left them: a table, a key and a value a line. */
const ROWS = fs
  .readFileSync(path.join(project, "shared/tests/fixtures/0.1/device.txt"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(" "));

/** Makes the database as 0.1 did, table by table, and puts the rows into it. */
async function makeDatabase(rows) {
  const bytes = (hex) => Uint8Array.from(hex === "-" ? [] : hex.match(/../g), (byte) => parseInt(byte, 16));
  const opening = indexedDB.open("simpul-citra", 1);
  opening.onupgradeneeded = () => {
    const database = opening.result;
    database.createObjectStore("meta");
    database.createObjectStore("feeds");
    database.createObjectStore("documents");
    database.createObjectStore("chunks");
    database.createObjectStore("outbox");
    database.createObjectStore("summaries");
    database.createObjectStore("stale");
    database.createObjectStore("decisions");
    database.createObjectStore("directory");
    database.createObjectStore("settings");
    database.createObjectStore("poison");
    database.createObjectStore("set_aside");
    database.createObjectStore("newer");
    database.createObjectStore("unread");
    database.createObjectStore("drafts");
  };
  await new Promise((resolve, reject) => {
    opening.onsuccess = resolve;
    opening.onerror = () => reject(opening.error);
  });
  const database = opening.result;
  const writing = database.transaction([...database.objectStoreNames], "readwrite");
  for (const [table, key, value] of rows) writing.objectStore(table).put(bytes(value), bytes(key));
  await new Promise((resolve, reject) => {
    writing.oncomplete = resolve;
    writing.onabort = () => reject(writing.error);
  });
  database.close();
  localStorage.setItem("simpul.signed-in", "citra");
  localStorage.setItem("simpul.people", "citra");
}

test("a database of version 0.1 opens, and everything in it is there", async ({ world }) => {
  // This relay knows nothing of Citra, and a page that is not the app has no icon.
  world.complaints.expect(/401|no valid credentials|favicon/);
  const device = await world.device();
  // A page of the same address that is not the app.
  const page = await device.context.newPage();
  await page.goto(`${world.relay.url}/healthz`);
  await page.evaluate(makeDatabase, ROWS);

  await page.goto(`${world.relay.url}/laporan`);
  const list = page.getByRole("main");
  await expect(list.getByRole("link", { name: "Kunjungan balasan" })).toBeVisible();
  await expect(page.getByText("1 dokumen memerlukan versi baru Simpul.")).toBeVisible();
  await list.getByRole("link", { name: "Laporan perjalanan dinas ke Kyoto" }).click();
  await expect(field(page, "Kesimpulan")).toHaveValue("Kerja sama diteruskan, dengan tinjauan setiap tahun.");
  await expect(field(page, "Tempat")).toHaveValue("Balai Kota Kyoto");
  await expect(page.getByRole("main").getByText("Disetujui").first()).toBeVisible();

  await page.goto(`${world.relay.url}/rencana-aksi`);
  await list.getByRole("link", { name: "Rencana aksi 2026–2028" }).click();
  await expect(words(page, "Kegiatan", 1)).toHaveText("Bank sampah tingkat padukuhan");
});
