// A person's phone or laptop: one browser profile on disk, with as many tabs as they open.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "@playwright/test";
import { launchProfile } from "./browser.js";
import { DESKTOP } from "./screens.js";

export class Device {
  constructor(world, name, { url = world.relay.url, ...options }) {
    this.world = world;
    this.name = name;
    /** Where it finds the relay; a proxy's address where the link is bad. */
    this.url = url;
    this.options = { viewport: DESKTOP, locale: "id-ID", timezoneId: "Asia/Jakarta", ...options };
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), `simpul-profile-${name}-`));
    this.account = null;
  }

  /** Turns the device on, with what its profile holds. */
  async turnOn() {
    this.context = await launchProfile(this.folder, this.options);
    await this.world.complaints.watch(this.context);
  }

  /** Ends the browser, with whatever its tabs were doing. */
  async turnOff() {
    await this.context?.close();
    this.context = null;
  }

  /** Ends the browser and starts it again on the same profile; gives a fresh tab. */
  async restart(address = "/") {
    await this.turnOff();
    await this.turnOn();
    return this.tab(address);
  }

  /** Opens a page of the app in a new tab. */
  async tab(address = "/") {
    const blank = this.context.pages().find((page) => page.url() === "about:blank");
    const page = blank ?? (await this.context.newPage());
    await page.goto(this.url + address);
    return page;
  }

  /** Signs in with a demonstration account and waits for the start page and for the app to be kept for offline. */
  async signIn(account) {
    this.account = account;
    const page = await this.tab("/masuk");
    await page.getByLabel("Nama pengguna").fill(account.user);
    await page.getByLabel("Kata sandi", { exact: true }).fill(account.password);
    await page.getByRole("button", { name: "Masuk" }).click();
    await expect(page.getByRole("link", { name: "Laporan" }).first()).toBeVisible();
    await keptForOffline(page);
    return page;
  }

  /** Takes the network away. */
  async goOffline() {
    this.world.complaints.networkIsAway = true;
    await this.context.setOffline(true);
  }

  /** Gives the network back. */
  async goOnline() {
    await this.context.setOffline(false);
  }

  async remove() {
    await this.turnOff();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until the service worker holds the whole app and controls the page. */
export async function keptForOffline(page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  });
}
