// Bad days of the device's store: it is blocked, it is full, or what it holds once stopped the app.

import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

/** What a browser does that gives a page no database. */
function blockStore() {
  IDBFactory.prototype.open = () => {
    throw new DOMException("storage is blocked by a setting", "SecurityError");
  };
}

/** A disk without room, on demand: `storeIsFull(true)`; read again at each load of a page. */
function fillStore() {
  const put = IDBObjectStore.prototype.put;
  let isFull = false;
  window.storeIsFull = (full) => (isFull = full);
  IDBObjectStore.prototype.put = function (...words) {
    if (isFull) throw new DOMException("no room left", "QuotaExceededError");
    return put.apply(this, words);
  };
}

/**
 * Ends the app while it opens the record `endsAt` (the key in hex), as often as `endsLeft` says: its mark is
 * written, and from then on it neither reads nor writes. So does a crash, and so does a page that is left and
 * whose last writes the browser does not finish.
 */
function endWhileOpening() {
  const { put } = IDBObjectStore.prototype;
  const { transaction } = IDBDatabase.prototype;
  let hasEnded = false;
  IDBObjectStore.prototype.put = function (...words) {
    const request = put.apply(this, words);
    const key = this.name === "poison" && [...new Uint8Array(words[1].buffer ?? words[1])];
    const isMark = key && key.map((byte) => byte.toString(16).padStart(2, "0")).join("") === localStorage.endsAt;
    if (isMark && Number(localStorage.endsLeft) > 0) {
      localStorage.endsLeft = Number(localStorage.endsLeft) - 1;
      hasEnded = true;
      this.transaction.addEventListener("complete", () => (window.hasEnded = true));
    }
    return request;
  };
  IDBDatabase.prototype.transaction = function (...words) {
    if (hasEnded && !window.isBesideTheApp) throw new DOMException("the app has ended", "UnknownError");
    return transaction.apply(this, words);
  };
}

/** The keys of a table of a person's database, read beside the app. */
function keysOf(page, name, table) {
  return page.evaluate(
    async ([name, table]) => {
      const answer = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await answer(indexedDB.open(name));
      window.isBesideTheApp = true;
      const reading = database.transaction(table).objectStore(table).getAllKeys();
      window.isBesideTheApp = false;
      const keys = await answer(reading);
      database.close();
      return keys.map((key) => [...new Uint8Array(key)]);
    },
    [name, table],
  );
}

const hex = (bytes) => Buffer.from(bytes).toString("hex");

test("a browser that gives no database says so at sign-in, and keeps nobody waiting", async ({ world }) => {
  const account = world.account("writer");
  const device = await world.device();
  await device.context.addInitScript(blockStore);
  const page = await device.tab("/");
  await page.getByLabel("Nama pengguna").fill(account.user);
  await page.getByLabel("Kata sandi", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Masuk", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Peramban tidak memberi penyimpanan");
  await expect(page.getByRole("button", { name: "Masuk", exact: true })).toBeEnabled();
});

test("a database that the browser has blocked since gets a page of its own, and the work is there once it is allowed", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Sebelum diblokir.");
  await expectSafety(page, "Di server");
  const address = new URL(page.url()).pathname;
  await device.context.addInitScript(blockStore);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Simpul tidak dapat menyimpan di peramban ini" })).toBeVisible();
  await expect(page.getByText("Buka Simpul di jendela biasa.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Muat ulang" })).toBeVisible();

  const again = await device.restart(address);
  await expect(field(again, "Penutup")).toHaveValue("Sebelum diblokir.");
});

test("with a full store the words stay on the screen, the record says that it is not stored, and it is once there is room", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Tersimpan.");
  await expectSafety(page, "Di server");
  await device.context.addInitScript(fillStore);
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Tersimpan.");

  await page.evaluate(() => window.storeIsFull(true));
  await writeOn(page, "Penutup", " Tanpa ruang.");
  await expectSafety(page, "Belum tersimpan");
  const toast = page.getByText(/Ketikan terakhir belum tersimpan dan hanya ada di tab ini\..*Ruang penyimpanan habis/);
  await expect(toast).toBeVisible();
  await writeOn(page, "Penutup", " Masih tanpa ruang.");
  await expect(field(page, "Penutup")).toHaveValue("Tersimpan. Tanpa ruang. Masih tanpa ruang.");
  await expectSafety(page, "Belum tersimpan");

  await page.evaluate(() => window.storeIsFull(false));
  await expectSafety(page, "Di server", { timeout: 20_000 });
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Tersimpan. Tanpa ruang. Masih tanpa ruang.");
});

/** Sri's page of a record with words of Sri and of Budi, which ends at the next openings. */
async function recordThatEnds(world, times) {
  const { device, page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Dari Sri.");
  await expectSafety(page, "Di server");
  const address = new URL(page.url()).pathname;
  const before = new Set((await keysOf(page, "simpul-sri", "chunks")).map(hex));

  const { device: other } = await world.signedIn("budi");
  const theirs = await other.tab(address);
  // In one change, however slow the machine is: what stands in a change before it would stay.
  await field(theirs, "Kegiatan yang dilaksanakan").fill("Dari Budi.");
  await expectSafety(theirs, "Di server");
  await expect(field(page, "Kegiatan yang dilaksanakan")).toHaveValue("Dari Budi.");
  await other.turnOff();

  const fresh = (await keysOf(page, "simpul-sri", "chunks")).filter((key) => !before.has(hex(key)));
  expect(fresh.length).toBeGreaterThan(0);
  await device.context.addInitScript(endWhileOpening);
  const doc = hex(fresh[0].slice(0, 16));
  await page.evaluate(([doc, times]) => Object.assign(localStorage, { endsAt: doc, endsLeft: times }), [doc, times]);
  for (let time = 0; time < times; time += 1) {
    await page.reload();
    await page.waitForFunction(() => window.hasEnded);
  }
  expect((await keysOf(page, "simpul-sri", "poison")).map(hex)).toEqual([doc]);
  await page.reload();
  return page;
}

const STOPPED = "Sebuah dokumen menghentikan Simpul saat terakhir dibuka.";

test("what stops the app twice in a row is set aside at the next start, the record opens without it, and it can be tried again", async ({ world }) => {
  const page = await recordThatEnds(world, 2);
  await expect(page.getByText(STOPPED)).toBeVisible();
  await expect(field(page, "Penutup")).toHaveValue("Dari Sri.");
  await expect(field(page, "Kegiatan yang dilaksanakan")).toHaveValue("");
  await expect(page.getByText("Sebagian perubahan disisihkan")).toBeVisible();
  await writeOn(page, "Penutup", " Tetap jalan.");
  expect(await keysOf(page, "simpul-sri", "poison")).toEqual([]);

  // A phone ends pages at any time: what was set aside may have been innocent.
  await page.getByRole("button", { name: "Terapkan lagi" }).click();
  await expect(field(page, "Kegiatan yang dilaksanakan")).toHaveValue("Dari Budi.");
  await expect(field(page, "Penutup")).toHaveValue("Dari Sri. Tetap jalan.");
  await expectSafety(page, "Di server");
});

test("a page that ended once while a record was being opened sets nothing aside", async ({ world }) => {
  const page = await recordThatEnds(world, 1);
  await expect(field(page, "Kegiatan yang dilaksanakan")).toHaveValue("Dari Budi.");
  await expect(field(page, "Penutup")).toHaveValue("Dari Sri.");
  await expectSafety(page, "Di server");
  await expect(page.getByText(STOPPED)).toBeHidden();
  await expect.poll(() => keysOf(page, "simpul-sri", "poison")).toEqual([]);
  expect(await keysOf(page, "simpul-sri", "set_aside")).toEqual([]);
});
