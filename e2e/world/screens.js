// Every screen of the product, and how it is reached by somebody who is signed in on the demonstration.

import { expect } from "@playwright/test";

/** The address of the first record of a list. */
async function firstOf(page, list) {
  await go(page, list);
  const link = page.getByRole("main").locator(`a[href^="${list}/"]:not([href$="/impor"])`).first();
  return link.getAttribute("href");
}

/** Goes to an address and waits until the page has its heading. */
export async function go(page, address) {
  await page.goto(new URL(address, page.url()).href);
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
}

/** By name: a function that goes there. */
export const screens = {
  beranda: (page) => go(page, "/"),
  laporan: (page) => go(page, "/laporan"),
  "laporan-isi": async (page) => go(page, await firstOf(page, "/laporan")),
  "laporan-cetak": async (page) => go(page, `${await firstOf(page, "/laporan")}/cetak`),
  "laporan-impor": (page) => go(page, "/laporan/impor"),
  "kerja-sama": (page) => go(page, "/kerja-sama"),
  "kerja-sama-isi": async (page) => go(page, await firstOf(page, "/kerja-sama")),
  "kerja-sama-cetak": async (page) => go(page, `${await firstOf(page, "/kerja-sama")}/cetak`),
  "rencana-aksi": (page) => go(page, "/rencana-aksi"),
  "rencana-aksi-isi": async (page) => go(page, await firstOf(page, "/rencana-aksi")),
  "rencana-aksi-cetak": async (page) => go(page, `${await firstOf(page, "/rencana-aksi")}/cetak`),
  cari: (page) => go(page, "/cari"),
  pengaturan: (page) => go(page, "/pengaturan"),
  "tempat-sampah": (page) => go(page, "/tempat-sampah"),
};

export const PHONE = { width: 360, height: 740 };
export const TABLET = { width: 1024, height: 768 };
export const DESKTOP = { width: 1280, height: 800 };
