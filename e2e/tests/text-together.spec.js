// Several people in one text at once: every word stays in one piece where its writer put it, caret and selection keep
// their places, and an undo takes back one's own work alone.

import { expectAccessible } from "../world/accessible.js";
import { edit, fill, words } from "../world/grid.js";
import { begin, expectConnection, expectSafety, field, writeOn } from "../world/record.js";
import { PHONE } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const LABEL = "Penutup";
const BEGIN = "Pertama. TENGAH Terakhir.";
const BEHIND_MIDDLE = "Pertama. TENGAH".length;

/** One round of some seconds in the test; more and longer ones by `.ci/soak text`. */
const ROUNDS = Number(process.env.ROUNDS ?? 1);
const SECONDS = Number(process.env.SECONDS ?? 5);

/** Puts the caret, or selects, as with a mouse. */
async function select(page, start, end = start) {
  await field(page, LABEL).focus();
  await field(page, LABEL).evaluate((area, [start, end]) => area.setSelectionRange(start, end), [start, end]);
}

/** A new report of sri's, whose closing says this, open for budi too. */
async function together(world, text = BEGIN) {
  const sri = await world.signedIn("sri");
  await begin(sri.page, "Laporan baru");
  await writeOn(sri.page, LABEL, text);
  await expectSafety(sri.page, "Di server");
  const budi = await world.signedIn("budi");
  const address = new URL(sri.page.url()).pathname;
  budi.page = await budi.device.tab(address);
  await expect(field(budi.page, LABEL)).toHaveValue(text);
  return { sri, budi, address };
}

/** Budi writes without a network at the beginning and at the end, and comes back: two changes at once. */
async function writeAround(budi) {
  await budi.device.goOffline();
  await field(budi.page, LABEL).focus();
  await budi.page.keyboard.press("ControlOrMeta+Home");
  await budi.page.keyboard.type("X ");
  await budi.page.keyboard.press("ControlOrMeta+End");
  await budi.page.keyboard.type(" Y");
  await expectSafety(budi.page, "Di perangkat ini");
  await budi.device.goOnline();
  await expectSafety(budi.page, "Di server", { timeout: 30_000 });
}

/** All type words of their own for some seconds, where each has put the caret; gives what each typed. */
function typeAll(people, round) {
  const until = Date.now() + SECONDS * 1000;
  return Promise.all(
    people.map(async ({ page }, index) => {
      let words = "";
      for (let number = 0; Date.now() < until; number++) {
        const word = `${"sbkdew"[index]}${round}-${number} `;
        await page.keyboard.type(word, { delay: 40 });
        words += word;
      }
      return words;
    }),
  );
}

const holds = (page, text) => expect(field(page, LABEL)).toHaveValue(text, { timeout: 20_000 });

test("a caret stays at its word through two changes at once, and a selection is replaced as a whole", async ({ world }) => {
  const { sri, budi } = await together(world);
  await select(sri.page, BEHIND_MIDDLE);
  await writeAround(budi);
  await holds(sri.page, `X ${BEGIN} Y`);
  await sri.page.keyboard.type("123");
  await holds(budi.page, "X Pertama. TENGAH123 Terakhir. Y");

  const from = "X Pertama. ".length;
  await select(sri.page, from, from + "TENGAH123".length);
  await writeAround(budi);
  await holds(sri.page, "X X Pertama. TENGAH123 Terakhir. Y Y");
  await sri.page.keyboard.type("TUJUH");
  await holds(sri.page, "X X Pertama. TUJUH Terakhir. Y Y");
  await holds(budi.page, "X X Pertama. TUJUH Terakhir. Y Y");
});

for (const ended of ["insertText", "blur", "another field"]) {
  test(`a word that is composed on a phone keyboard is left alone, and ended by ${ended} it stands at the caret`, async ({ world }) => {
    const { sri, budi } = await together(world, "Pertama. TENGAH  Terakhir.");
    const keyboard = await sri.page.context().newCDPSession(sri.page);
    const compose = (text) =>
      keyboard.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    await select(sri.page, BEHIND_MIDDLE + 1);
    await compose("ko");
    await writeAround(budi);
    const line = "Budi Santosa (peragaan) sedang menulis di sini; tampil setelah kata ini selesai.";
    await expect(sri.page.getByText(line, { exact: true })).toBeVisible({ timeout: 20_000 });
    await holds(sri.page, "Pertama. TENGAH ko Terakhir.");
    await compose("kota");
    if (ended === "insertText") await keyboard.send("Input.insertText", { text: "kota" });
    else if (ended === "blur") await field(sri.page, LABEL).blur();
    else await field(sri.page, "Kegiatan yang dilaksanakan").focus();
    await holds(sri.page, "X Pertama. TENGAH kota Terakhir. Y");
    await holds(budi.page, "X Pertama. TENGAH kota Terakhir. Y");
    await expect(sri.page.getByText("tampil setelah kata ini selesai.")).toHaveCount(0);
  });
}

test("three people type in one text at once, and every person's words are there in one piece", async ({ world }) => {
  test.setTimeout(60_000 + ROUNDS * (SECONDS + 60) * 1000);
  const { sri, budi, address } = await together(world);
  const ketut = await world.signedIn("ketut");
  ketut.page = await ketut.device.tab(address);
  await holds(ketut.page, BEGIN);
  const people = [sri, budi, ketut];
  for (let round = 0; round < ROUNDS; round++) {
    const text = await field(sri.page, LABEL).inputValue();
    // In every other round all begin at one place.
    const middle = text.indexOf("TENGAH") + "TENGAH".length;
    const places = round % 2 === 1 ? [middle, middle, middle] : [middle, 0, text.length];
    await Promise.all(people.map(({ page }, index) => select(page, places[index])));
    const said = await typeAll(people, round);
    await Promise.all(people.map(({ page }) => expectSafety(page, "Di server", { timeout: 30_000 })));
    const values = () => Promise.all(people.map(({ page }) => field(page, LABEL).inputValue()));
    const length = text.length + said.join("").length;
    await expect.poll(async () => (await values()).map((value) => value.length), { timeout: 30_000 }).toEqual([length, length, length]);
    const [first, ...others] = await values();
    for (const other of others) expect(other).toBe(first);
    for (const words of said) expect(first, `round ${round}`).toContain(words);
  }
});

test("six people type in one plan at once, two in each cell, and every person's words are there in one piece", async ({ world }) => {
  test.skip(!process.env.ROUNDS, "six browsers are for the long run");
  test.setTimeout(180_000 + ROUNDS * (SECONDS + 60) * 1000);
  const shown = (page, row) => words(page, "Kegiatan", row);
  const first = await world.signedIn("sri");
  await begin(first.page, "Rencana aksi baru");
  for (const row of [1, 2, 3]) {
    await first.page.getByRole("button", { name: "Tambah butir", exact: true }).click();
    await fill(first.page, "Kegiatan", row, `Awal ${row} tengah ${row} akhir.`);
  }
  await expectSafety(first.page, "Di server");
  const people = [first];
  for (const user of ["budi", "ketut", "sri", "budi", "ketut"]) {
    const person = await world.signedIn(user);
    person.page = await person.device.tab(new URL(first.page.url()).pathname);
    await expect(shown(person.page, 3)).toHaveText("Awal 3 tengah 3 akhir.");
    people.push(person);
  }
  for (let round = 0; round < ROUNDS; round++) {
    const rowOf = (index) => ((index + round) % 3) + 1;
    const before = await Promise.all([1, 2, 3].map((row) => shown(first.page, row).textContent()));
    for (const [index, { page }] of people.entries()) {
      const text = before[rowOf(index) - 1];
      const places = [0, text.indexOf("tengah"), text.length];
      const area = await edit(page, "Kegiatan", rowOf(index));
      await area.evaluate((area, at) => area.setSelectionRange(at, at), places[(index + (round >> 1)) % 3]);
    }
    const said = await typeAll(people, round);
    for (const row of [1, 2, 3]) {
      const here = said.filter((_, index) => rowOf(index) === row);
      const length = before[row - 1].length + here.join("").length;
      const values = () => Promise.all(people.map(({ page }) => shown(page, row).textContent()));
      await expect.poll(async () => (await values()).map((value) => value.length), { timeout: 60_000 }).toEqual(people.map(() => length));
      const [value, ...others] = await values();
      for (const other of others) expect(other).toBe(value);
      for (const words of here) expect(value, `round ${round}, row ${row}`).toContain(words);
    }
  }
});

/** Somebody whose clock is so far behind that what they write now was written long before the server has it. */
async function behind(world, user, seconds) {
  const account = world.account(user);
  const device = await world.device(account.user);
  await device.context.clock.install({ time: Date.now() - seconds * 1000 });
  return { device, page: await device.signIn(account) };
}

test("two who rewrote one paragraph, one of them offline, are told so beside it until one says that it is checked", async ({ world }) => {
  const sri = await behind(world, "sri", 120);
  await begin(sri.page, "Laporan baru");
  const text = "Pembuka.\nPeserta hadir.";
  await writeOn(sri.page, LABEL, text);
  await expectSafety(sri.page, "Di server");
  const budi = await behind(world, "budi", 60);
  budi.page = await budi.device.tab(new URL(sri.page.url()).pathname);
  await holds(budi.page, text);
  await budi.device.goOffline();
  for (const [{ page }, words, safety] of [[budi, "Semua undangan datang", "Di perangkat ini"], [sri, "Tiga puluh tamu", "Di server"]]) {
    await select(page, "Pembuka.\n".length, text.length - 1);
    await page.keyboard.type(words);
    await expectSafety(page, safety);
  }
  const said = (page) => page.getByText("Paragraf 2. Dua orang menulis di sini");
  await expect(said(sri.page)).toHaveCount(0);
  await budi.device.goOnline();
  for (const { page } of [sri, budi]) {
    await expect(said(page)).toContainText("Sri", { timeout: 30_000 });
    await expect(said(page)).toContainText("Budi");
  }
  await test.step("it has room on a phone, light and dark", async () => {
    await budi.page.setViewportSize(PHONE);
    for (const colorScheme of ["light", "dark"]) {
      await budi.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expectAccessible(budi.page, `a crossing, ${colorScheme}`);
    }
    const [wide, room] = await budi.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(wide).toBeLessThanOrEqual(room);
  });
  await sri.page.getByRole("button", { name: "Sudah diperiksa" }).press("Enter");
  for (const { page } of [sri, budi]) await expect(said(page)).toHaveCount(0);
  await expect(field(sri.page, LABEL), "the button has gone, and the keyboard is still here").toBeFocused();
  await expectSafety(sri.page, "Di server");
  await budi.page.reload();
  await expect(field(budi.page, LABEL)).toHaveValue(/Tiga puluh tamu/);
  await expect(said(budi.page)).toHaveCount(0);
});

/**
 * *Undo* of the browser's own menu in the field that has the focus: a command of its editor, which a page may refuse. Its *Redo*
 * is grey then: the browser knows of nothing that it took back itself.
 */
async function undoFromTheMenu({ device, page }) {
  const session = await device.context.newCDPSession(page);
  await session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "F20", windowsVirtualKeyCode: 131, commands: ["undo"] });
  await session.send("Input.dispatchKeyEvent", { type: "keyUp", key: "F20", windowsVirtualKeyCode: 131 });
  await session.detach();
}

test("undo and redo by key, by button and from the browser's menu touch one's own work alone, and say nothing twice", async ({ world }) => {
  const sri = await world.signedIn("sri");
  await begin(sri.page, "Laporan baru");
  await writeOn(sri.page, LABEL, "isi A");
  await expectSafety(sri.page, "Di server");
  await begin(sri.page, "Laporan baru");
  await writeOn(sri.page, LABEL, "isi B");
  await expectSafety(sri.page, "Di server");
  const budi = await world.signedIn("budi");
  const page = await budi.device.tab(new URL(sri.page.url()).pathname);
  await writeOn(page, LABEL, " milik budi");
  await holds(sri.page, "isi B milik budi");

  await field(sri.page, LABEL).focus();
  for (let times = 0; times < 4; times++) await sri.page.keyboard.press("ControlOrMeta+z");
  await holds(sri.page, " milik budi");
  await sri.page.keyboard.press("ControlOrMeta+y");
  await holds(sri.page, "isi B milik budi");
  await sri.page.keyboard.press("ControlOrMeta+y");
  await sri.page.getByRole("button", { name: "Urungkan" }).click();
  await holds(sri.page, " milik budi");
  await sri.page.getByRole("button", { name: "Ulangi" }).click();
  await holds(sri.page, "isi B milik budi");
  // The browser's own, as from its menu, while the colleague goes on.
  await writeOn(page, LABEL, " lagi");
  await holds(sri.page, "isi B milik budi lagi");
  await field(sri.page, LABEL).focus();
  await undoFromTheMenu(sri);
  await holds(sri.page, " milik budi lagi");
  await sri.page.keyboard.press("ControlOrMeta+Shift+Z");
  await holds(sri.page, "isi B milik budi lagi");
  for (const tab of [sri.page, page]) await holds(tab, "isi B milik budi lagi");
  await expectConnection(sri.page, "Tersambung");
});
