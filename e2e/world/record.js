// What a person does with a record, in the words of the screen.

import path from "node:path";
import { expect } from "@playwright/test";
import { project } from "./relay.js";

/** A text or a fact on the page, by its label. */
export function field(page, label) {
  const main = page.getByRole("main");
  const named = { name: label, exact: true };
  // One that suggests what the device knows is a combobox.
  return main.getByRole("textbox", named).or(main.getByRole("combobox", named));
}

/** Begins a record: `Laporan baru`, `Kerja sama baru` or `Rencana aksi baru`. */
export async function begin(page, what) {
  await page.getByRole("button", { name: "Buat baru" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: what }).click();
  await page.waitForURL(/\/(laporan|kerja-sama|rencana-aksi)\/[1-9A-HJ-NP-Za-km-z]{20,}$/);
}

/** Puts words in the place of a text or a fact, and leaves it. */
export async function write(page, label, words) {
  await field(page, label).fill(words);
  await field(page, label).blur();
}

/** Begins an agreement that can be submitted; gives its address. */
export async function beginAgreement(page) {
  await begin(page, "Kerja sama baru");
  await write(page, "Judul kerja sama", "Sleman dan Kyoto");
  await page.getByLabel("Jenis kerja sama").selectOption("sister-city");
  await write(page, "Mitra", "Kota Kyoto");
  await expectSafety(page, "Di server");
  return new URL(page.url()).pathname;
}

/** Writes at the end of a text, key by key, as a person does. */
export async function writeOn(page, label, words) {
  const text = field(page, label);
  await text.focus();
  await page.keyboard.press("ControlOrMeta+End");
  await text.pressSequentially(words);
}

/** Waits until the open record says where it is safe: `Di perangkat ini`, `Di server`, `Disisihkan`. */
export async function expectSafety(page, words, options) {
  await expect(page.getByRole("main").getByText(words, { exact: true }).first()).toBeVisible(options);
}

/** Waits until the device has taken all that the relay has: before, a list may still grow. */
export async function expectAllReceived(page) {
  await page.getByRole("button", { name: "Rincian sambungan" }).click();
  const details = page.getByRole("dialog", { name: "Sambungan dan penyimpanan" });
  await expect(details.getByText("Sinkron terakhir")).toBeVisible();
  await expect(details.getByText("belum pernah")).toHaveCount(0, { timeout: 40_000 });
  await page.keyboard.press("Escape");
  await expect(details).toBeHidden();
}

/** Waits until the page says how it is connected: `Luring`, `Menyambung`, `Tersambung`. */
export async function expectConnection(page, words, options) {
  await expect(page.getByRole("status").filter({ hasText: words }).first()).toBeVisible(options);
}

/** Opens a record from the list of its kind. */
export async function open(page, list, title) {
  await page.getByRole("navigation", { name: "Menu utama" }).getByRole("link", { name: list, exact: true }).click();
  await page.getByRole("main").getByRole("link", { name: title }).first().click();
}

/** A report to import, with the facts and the slips of a real one. */
export const report = path.join(project, "shared/tests/fixtures/laporan.md");
