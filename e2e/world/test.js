// The test function of every browser test: `test("sentence", async ({ world }) => { … })`.
//
// A world is one relay and its devices. After each test everything ends, and the test fails on any complaint of a page
// that it did not expect.

import fs from "node:fs";
import { test as base, expect } from "@playwright/test";
import { actions } from "./actions.js";
import { Device } from "./device.js";
import { Relay } from "./relay.js";
import { Complaints } from "./watch.js";

export { expect };

export class World {
  devices = [];
  complaints = new Complaints();

  constructor(relay) {
    this.relay = relay;
  }

  /** A demonstration account: by role (`writer`), or by the user name. */
  account(roleOrUser) {
    const found = this.relay.accounts.find(({ role, user }) => role === roleOrUser || user === roleOrUser);
    if (!found) throw new Error(`no demonstration account ${roleOrUser} in:\n${this.relay.output}`);
    return found;
  }

  /** A device that nobody has signed in on. */
  async device(name = "laptop", options = {}) {
    const device = new Device(this, name, options);
    this.devices.push(device);
    await device.turnOn();
    return device;
  }

  /** A device of a person, signed in; gives the device and its first tab. */
  async signedIn(roleOrUser, options = {}) {
    const account = this.account(roleOrUser);
    const device = await this.device(account.user, options);
    const page = await device.signIn(account);
    return { device, page };
  }

  /** The same, with the record at an address open in its one tab. */
  async signedInAt(roleOrUser, address, options = {}) {
    const { device, page: first } = await this.signedIn(roleOrUser, options);
    await first.close();
    const page = await device.tab(address);
    // It comes among all that a new device takes.
    await expect(actions(page)).toBeVisible({ timeout: 40_000 });
    return { device, page };
  }

  /** Stops the relay. */
  async stopRelay() {
    this.complaints.networkIsAway = true;
    await this.relay.stop();
  }

  /** Starts the relay again. */
  async startRelay() {
    await this.relay.start();
  }

  /** Takes the network from every device and stops the relay. */
  async pullThePlug() {
    await Promise.all(this.devices.map((device) => device.goOffline()));
    await this.stopRelay();
  }

  /** Undoes `pullThePlug`. */
  async plugIn() {
    await this.startRelay();
    await Promise.all(this.devices.map((device) => device.goOnline()));
  }

  async end() {
    for (const device of this.devices) await device.remove();
    await this.relay.remove();
  }
}

export const test = base.extend({
  world: async ({}, use, testInfo) => {
    const world = new World(await Relay.start());
    try {
      await use(world);
      if (testInfo.status !== testInfo.expectedStatus) await tellWhatWasSeen(world, testInfo);
    } finally {
      await world.end();
    }
    expect(world.complaints.all, "complaints of the pages").toEqual([]);
  },
});

/** For a failed test: each tab as a picture and as a screen reader has it, and what the relay said. */
async function tellWhatWasSeen(world, testInfo) {
  for (const device of world.devices) {
    for (const [index, page] of (device.context?.pages() ?? []).entries()) {
      const stem = testInfo.outputPath(`${device.name}-${index}`);
      await page.screenshot({ path: `${stem}.png`, fullPage: true }).catch(() => {});
      const tree = await page.locator("body").ariaSnapshot().catch(String);
      fs.writeFileSync(`${stem}.aria.txt`, `${page.url()}\n${tree}\n`);
    }
  }
  fs.writeFileSync(testInfo.outputPath("relay.log"), world.relay.output);
  fs.writeFileSync(testInfo.outputPath("complaints.txt"), world.complaints.all.join("\n"));
}
