// The last second: a page that ends right after the last key loses none of what was typed.

import { playKills, playRounds } from "../world/last-second.js";
import { prose } from "../world/prose.js";
import { begin, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

/** Rounds of each end, offline and online; `make soak PARTS=last-second` plays more. */
const EACH = Number(process.env.LAST_SECOND ?? 2);
const LONG_BYTES = 50_000;

for (const offline of [false, true]) {
  test(`what is typed is there after any end of the page right after the last key, ${offline ? "offline" : "online"}`, async ({ world }) => {
    test.setTimeout(60_000 + EACH * 120_000);
    const { device, page } = await world.signedIn("writer");
    // Half of the rounds are in a long text.
    const addresses = [];
    for (const text of [prose(LONG_BYTES), "Mulai."]) {
      await begin(page, "Laporan baru");
      await field(page, "Penutup").fill(text);
      await field(page, "Penutup").blur();
      await expectSafety(page, "Di server");
      addresses.unshift(new URL(page.url()).pathname);
    }
    world.complaints.networkIsAway = true;
    const { told, page: last } = await playRounds(device, page, { label: "Penutup", each: EACH, offline, then: addresses[1] });
    console.log(
      `${told.rounds} rounds ${offline ? "offline" : "online"}: ${told.lost.length} lost, the browser asked in ${told.asked}, in ${told.stayed} of them the person stayed`,
    );
    expect(told.lost).toEqual([]);
    expect(told.askedLate).toEqual([]);
    await expectSafety(last, "Di server", { timeout: 30_000 });
  });
}

test("a page whose process is killed while somebody types loses at most what was said to be unsaved", async ({ world }) => {
  const rounds = Math.max(6, EACH);
  test.setTimeout(60_000 + rounds * 20_000);
  world.complaints.expect(/^the page crashed$/);
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Mulai.");
  await expectSafety(page, "Di server");
  const { told, page: last } = await playKills(device, page, { label: "Penutup", rounds });
  console.log(`${told.rounds} kills: in ${told.unsaved} something was said to be unsaved, ${told.lostOfUnsaved} letters of it were lost`);
  expect(told.lost).toEqual([]);
  // Both kinds of moments were met, so that what is said matters.
  expect(told.unsaved).toBeGreaterThan(0);
  expect(told.unsaved).toBeLessThanOrEqual(Math.ceil(rounds / 2));
  await expectSafety(last, "Di server", { timeout: 30_000 });
});

test("what was being typed in a tab that is closed is there once the record is opened again", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await writeOn(page, "Penutup", "Mulai.");
  await expectSafety(page, "Di server");
  const other = await device.tab(new URL(page.url()).pathname);
  await writeOn(other, "Penutup", " Dari tab lain.");
  await other.close();
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Mulai. Dari tab lain.", { timeout: 30_000 });
  await expectSafety(page, "Di server");
});

/**
 * Database connections that the browser loses: until they are opened again, a transaction over them is refused, or begins and
 * is aborted.
 */
function loseConnections(manner) {
  const { open } = IDBFactory.prototype;
  const { transaction } = IDBDatabase.prototype;
  const { commit } = IDBTransaction.prototype;
  const lost = new WeakSet();
  const live = new Set();
  const abort = (transaction) => {
    try {
      transaction.abort();
    } catch {
      // It has ended.
    }
  };
  window.loseConnections = () => live.forEach((database) => lost.add(database));
  window.connectionsOpened = () => live.size;
  IDBFactory.prototype.open = function (...words) {
    const opening = open.apply(this, words);
    opening.addEventListener("success", () => live.add(opening.result));
    return opening;
  };
  IDBDatabase.prototype.transaction = function (...words) {
    if (lost.has(this) && manner === "refused") throw new DOMException("Internal error.", "UnknownError");
    const begun = transaction.apply(this, words);
    // Before anything that was asked of it is answered.
    if (lost.has(this)) queueMicrotask(() => abort(begun));
    return begun;
  };
  IDBTransaction.prototype.commit = function () {
    if (lost.has(this.db)) abort(this);
    else commit.call(this);
  };
}

for (const manner of ["refused", "aborted"]) {
  test(`a connection to the database over which transactions are ${manner} is opened anew, and nothing is asked of who types`, async ({ world }) => {
    const { device, page } = await world.signedIn("writer");
    await begin(page, "Laporan baru");
    await expectSafety(page, "Di server");
    await device.context.addInitScript(loseConnections, manner);
    await page.reload();
    await expect(field(page, "Penutup")).toBeVisible();
    const opened = () => page.evaluate(() => window.connectionsOpened());
    const before = await opened();
    await page.evaluate(() => window.loseConnections());
    await writeOn(page, "Penutup", "Sesudahnya.");
    await expectSafety(page, "Di server");
    expect(await opened()).toBeGreaterThan(before);
    await expect(page.getByText("Jangan tutup tab")).toBeHidden();
    await page.evaluate(() => window.loseConnections());
    await writeOn(page, "Penutup", " Lagi.");
    // While a new connection is opened the words are in memory alone, and the browser may ask: then the person stays.
    const asked = new Promise((resolve) => {
      page.once("dialog", (dialog) => dialog.dismiss().then(() => resolve(true)));
      page.once("load", () => resolve(false));
    });
    await page.evaluate(() => setTimeout(() => location.reload()));
    if (await asked) {
      await expect(field(page, "Penutup")).toHaveValue("Sesudahnya. Lagi.");
      await expectSafety(page, "Di server");
      await page.reload();
    }
    await expect(field(page, "Penutup")).toHaveValue("Sesudahnya. Lagi.");
  });
}

/** A disk without room. */
function fillStore() {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...words) {
    if (window.isFull) throw new DOMException("no room left", "QuotaExceededError");
    return put.apply(this, words);
  };
}

test("the browser asks before leaving while the device stores nothing, and not once it does again", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await expectSafety(page, "Di server");
  await device.context.addInitScript(fillStore);
  await page.reload();
  await expect(field(page, "Penutup")).toBeVisible();
  await page.evaluate(() => (window.isFull = true));
  await writeOn(page, "Penutup", "Tanpa ruang.");
  await expectSafety(page, "Belum tersimpan");
  const toast = page.getByText("Ketikan terakhir belum tersimpan dan hanya ada di tab ini.");
  await expect(toast).toBeVisible();
  await expect(toast).not.toContainText("Muat ulang");
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await expect(field(page, "Penutup")).toHaveValue("Tanpa ruang.");

  await page.evaluate(() => (window.isFull = false));
  await expectSafety(page, "Di server", { timeout: 20_000 });
  page.on("dialog", () => expect("the browser").toBe("silent"));
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Tanpa ruang.");
});

/** Whether the browser would ask now who leaves the page. */
const wouldAsk = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));

test("the browser asks nothing where the page itself was too busy to hear that the device stored what was typed", async ({ world }) => {
  const { page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await expectSafety(page, "Di server");
  await field(page, "Penutup").focus();
  const asks = await page.evaluate(`(() => {
    document.execCommand("insertText", false, "Satu kata.");
    const until = performance.now() + 4_000;
    while (performance.now() < until) continue;
    return (${wouldAsk})();
  })()`);
  expect(asks).toBe(false);
  await expect(field(page, "Penutup")).toHaveValue("Satu kata.");
  await expectSafety(page, "Di server");
});

/** A store that answers nothing once it is stuck: whatever writes goes on for ever. */
function stickStore() {
  const { put } = IDBObjectStore.prototype;
  const { commit } = IDBTransaction.prototype;
  IDBObjectStore.prototype.put = function (...words) {
    const request = put.apply(this, words);
    const goOn = () => {
      if (window.isStuck) this.count().onsuccess = goOn;
    };
    goOn();
    return request;
  };
  IDBTransaction.prototype.commit = function () {
    if (!window.isStuck) commit.call(this);
  };
}

test("the browser asks before leaving while the device answers nothing, and not once it does again", async ({ world }) => {
  const { device, page } = await world.signedIn("writer");
  await begin(page, "Laporan baru");
  await expectSafety(page, "Di server");
  await device.context.addInitScript(stickStore);
  await page.reload();
  await expect(field(page, "Penutup")).toBeVisible();
  await page.evaluate(() => (window.isStuck = true));
  await writeOn(page, "Penutup", "Ditahan.");
  await expect.poll(() => page.evaluate(wouldAsk), { timeout: 20_000 }).toBe(true);
  await expect(field(page, "Penutup")).toHaveValue("Ditahan.");
  await page.evaluate(() => (window.isStuck = false));
  await expectSafety(page, "Di server", { timeout: 20_000 });
  expect(await page.evaluate(wouldAsk)).toBe(false);
  await page.reload();
  await expect(field(page, "Penutup")).toHaveValue("Ditahan.");
});
