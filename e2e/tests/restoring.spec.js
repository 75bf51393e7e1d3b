// Restoring a version from the history: by one while a colleague writes, and by two at once, one of them offline.

import { history } from "../world/actions.js";
import { begin, expectSafety, field } from "../world/record.js";
import { expect, test } from "../world/test.js";

const LABEL = "Penutup";
const WAS = "Rapat dibuka di Bogor.\n\nPeserta hadir lengkap.\n\nRapat ditutup sore hari.";
const SINCE = "Pembukaan diganti.\n\nPeserta hadir lengkap.\n\nTiada lagi.";
const SENTENCE = " Ketut mencatat seluruh pembicaraan rapat tanpa terputus sampai selesai.";
const WITH_SENTENCE = WAS.replace("lengkap.", `lengkap.${SENTENCE}`);

const holds = (page, text) => expect(field(page, LABEL)).toHaveValue(text, { timeout: 30_000 });

/** Sri writes a text, and budi writes over it; both and ketut have it open. Gives the moment of sri's version, as all read it. */
async function writtenOver(world) {
  const people = {};
  const sri = (people.sri = await world.signedIn("sri"));
  await begin(sri.page, "Laporan baru");
  await field(sri.page, LABEL).fill(WAS);
  await field(sri.page, LABEL).blur();
  await expectSafety(sri.page, "Di server");
  const address = new URL(sri.page.url()).pathname;
  for (const user of ["budi", "ketut"]) {
    const person = (people[user] = await world.signedIn(user));
    person.page = await person.device.tab(address);
    await holds(person.page, WAS);
  }
  await field(people.budi.page, LABEL).fill(SINCE);
  await field(people.budi.page, LABEL).blur();
  for (const { page } of Object.values(people)) await holds(page, SINCE);
  const told = await history(sri.page);
  const version = told.getByRole("listitem").filter({ hasText: "Sri" }).locator(".history-who");
  const [moment] = (await version.textContent()).split(" · ");
  await told.getByRole("button", { name: "Tutup", exact: true }).click();
  return { ...people, moment };
}

/** Restores sri's version. */
async function restore(page) {
  const told = await history(page);
  await told.getByRole("listitem").filter({ hasText: "Sri" }).last().getByRole("button", { name: "Pulihkan versi ini" }).click();
  await expect(page.getByText("Versi itu dipulihkan sebagai suntingan baru")).toBeVisible();
  await expect(told).toBeHidden();
}

/** The history names the version beside who restored it. */
async function expectNamed(page, moment, names) {
  const told = await history(page);
  const restored = told.getByRole("listitem").filter({ hasText: `Memulihkan versi ${moment}` });
  await expect(restored).toHaveCount(names.length);
  for (const name of names) await expect(restored.filter({ hasText: name })).toHaveCount(1);
  await told.getByRole("button", { name: "Tutup", exact: true }).click();
}

/** Puts the caret behind the paragraph that nobody else touches. */
async function stand(page) {
  await field(page, LABEL).focus();
  const at = SINCE.indexOf("lengkap.") + "lengkap.".length;
  await field(page, LABEL).evaluate((area, at) => area.setSelectionRange(at, at), at);
}

test("a version that one restores while a colleague writes leaves the colleague's sentence whole, and the history names it", async ({ world }) => {
  test.setTimeout(150_000);
  const { sri, budi, ketut, moment } = await writtenOver(world);
  await stand(ketut.page);
  const middle = SENTENCE.length / 2;
  await ketut.page.keyboard.type(SENTENCE.slice(0, middle), { delay: 30 });
  // It is restored in the middle of the sentence, half of which has come.
  await expect(field(sri.page, LABEL)).toHaveValue(/Ketut mencatat/);
  const rest = ketut.page.keyboard.type(SENTENCE.slice(middle), { delay: 60 });
  await restore(sri.page);
  await rest;
  for (const { page } of [sri, budi, ketut]) await holds(page, WITH_SENTENCE);
  for (const { page } of [sri, budi, ketut]) await expectSafety(page, "Di server");
  for (const { page } of [sri, ketut]) await expectNamed(page, moment, ["Sri"]);
});

test("a version that two restore at once, one of them offline, stands there once beside what a third wrote", async ({ world }) => {
  test.setTimeout(150_000);
  const { sri, budi, ketut, moment } = await writtenOver(world);
  await Promise.all([sri, ketut].map(({ device }) => device.goOffline()));
  await stand(ketut.page);
  await ketut.page.keyboard.type(SENTENCE);
  await expectSafety(ketut.page, "Di perangkat ini");
  await restore(sri.page);
  await holds(sri.page, WAS);
  await restore(budi.page);
  await holds(budi.page, WAS);
  await expectSafety(budi.page, "Di server");
  await Promise.all([sri, ketut].map(({ device }) => device.goOnline()));
  for (const { page } of [sri, budi, ketut]) await expectSafety(page, "Di server", { timeout: 30_000 });
  for (const { page } of [sri, budi, ketut]) await holds(page, WITH_SENTENCE);
  await expectNamed(ketut.page, moment, ["Sri", "Budi"]);
  await ketut.page.reload();
  await holds(ketut.page, WITH_SENTENCE);
});
