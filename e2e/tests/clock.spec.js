// The clock of a device is set right, or wrong, while the app runs: nobody is shown for longer than they are there, the link
// lives, and nothing waits for hours.

import { begin, expectConnection, expectSafety, field, writeOn } from "../world/record.js";
import { expect, test } from "../world/test.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const TURNS = [
  { name: "three days forward", by_ms: 3 * DAY_MS },
  { name: "a day back", by_ms: -DAY_MS },
];

/** Turns the clock of a page; what waits is not moved by it. */
const turn = async (page, by_ms) => page.clock.setSystemTime((await page.evaluate(() => Date.now())) + by_ms);

/** Lets time pass on a page, while the relay answers what it asks. */
async function pass(page, ms) {
  for (let passed_ms = 0; passed_ms < ms; passed_ms += 2_000) {
    await page.clock.runFor(2_000);
    await page.evaluate(() => fetch("/healthz").catch(() => {}));
  }
}

for (const { name, by_ms } of TURNS) {
  test(`a clock that is turned ${name} while the app runs leaves no ghosts, dead links or long waits`, async ({ world }) => {
    // The clock is what is off.
    world.complaints.networkIsAway = true;
    const account = world.account("sri");
    const device = await world.device("sri");
    await device.context.clock.install();
    const page = await device.signIn(account);
    await begin(page, "Laporan baru");
    await writeOn(page, "Penutup", "Pertama.");
    await expectSafety(page, "Di server");
    const budi = await world.signedIn("budi");
    const other = await budi.device.tab(new URL(page.url()).pathname);
    await expect(field(other, "Penutup")).toHaveValue("Pertama.");
    await field(other, "Penutup").focus();
    const present = page.getByText("Budi Santosa (peragaan) sedang di sini");
    await expect(present).toHaveCount(1);

    await turn(page, by_ms);
    await test.step("what is written is stored, sent and seen, and what others write comes", async () => {
      await writeOn(page, "Penutup", " Kedua.");
      await expectSafety(page, "Di server");
      await expect(field(other, "Penutup")).toHaveValue("Pertama. Kedua.");
      await writeOn(other, "Penutup", " Dari budi.");
      await expect(field(page, "Penutup")).toHaveValue("Pertama. Kedua. Dari budi.");
    });
    await test.step("who is there stays, and who has gone without a word fades within a minute", async () => {
      await pass(page, 30_000);
      await expect(present).toHaveCount(1);
      await budi.device.goOffline();
      await pass(page, 50_000);
      await expect(present).toHaveCount(0);
      await budi.device.goOnline();
    });
    await test.step("a relay that was away is found again, also where the clock was turned in between", async () => {
      await world.stopRelay();
      await expectConnection(page, "Luring", { timeout: 20_000 });
      await turn(page, -by_ms);
      await writeOn(page, "Penutup", " Ketiga.");
      await expectSafety(page, "Di perangkat ini");
      await turn(page, by_ms);
      await world.startRelay();
      await pass(page, 60_000);
      await expectSafety(page, "Di server", { timeout: 20_000 });
      await expectConnection(page, "Tersambung");
    });
  });
}
