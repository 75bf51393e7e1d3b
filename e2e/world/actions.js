// What the head of a record offers: its menu of actions, its history, and the decisions on it.

import { expect } from "@playwright/test";

/** The button of the menu of actions, which every open record has. */
export const actions = (page) => page.getByRole("button", { name: "Tindakan", exact: true });

/** Chooses from the menu of actions. */
export async function act(page, name) {
  await actions(page).click();
  await page.getByRole("menuitem", { name, exact: true }).click();
}

/** What the menu of actions offers. */
export async function offered(page) {
  await actions(page).click();
  const entries = await page.getByRole("menuitem").allInnerTexts();
  await page.keyboard.press("Escape");
  return entries.map((entry) => entry.trim());
}

/** Opens the history of a record, and gives its dialog. */
export async function history(page) {
  await act(page, "Riwayat");
  const dialog = page.getByRole("dialog", { name: "Riwayat" });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** The dialog of a decision. */
export const asked = (page) => page.getByRole("dialog").filter({ has: page.getByLabel("Catatan") });

/** Opens the dialog of a decision, from its button or the menu of actions. */
export async function beginDecision(page, name) {
  await expect(actions(page)).toBeVisible();
  const button = page.getByRole("main").getByRole("button", { name, exact: true });
  if (await button.isVisible()) await button.click();
  else await act(page, name);
  await expect(asked(page)).toBeVisible();
}

/** Makes a decision, with a remark. */
export async function decide(page, name, remark) {
  await beginDecision(page, name);
  if (remark) await asked(page).getByLabel("Catatan").fill(remark);
  await asked(page).getByRole("button", { name, exact: true }).click();
  await expect(asked(page)).toBeHidden();
}
