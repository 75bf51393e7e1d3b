// A record's history, as a person uses it.

import { expect } from "@playwright/test";

/** Opens the history of a record, and gives its dialog. */
export async function history(page) {
  await page.getByRole("button", { name: "Tindakan", exact: true }).click();
  await page.getByRole("menuitem", { name: "Riwayat", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Riwayat" });
  await expect(dialog).toBeVisible();
  return dialog;
}
