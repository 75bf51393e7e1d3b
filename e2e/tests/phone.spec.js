// The phone: a whole report from nothing by few touches, with the first field in the upper half.

import { field } from "../world/record.js";
import { PHONE } from "../world/screens.js";
import { expect, test } from "../world/test.js";

test("a whole report begins and is submitted on the phone with at most ten touches, and nothing is filled in unseen", async ({
  world,
}) => {
  const { page } = await world.signedIn("sri", { viewport: PHONE, hasTouch: true, isMobile: true });
  let taps = 0;
  const tap = async (element) => {
    taps += 1;
    await element.tap();
  };
  const main = page.getByRole("main");
  const button = (name) => main.getByRole("button", { name });
  // What the keyboard's *Next* does: the next field takes the focus.
  const next = async (label, words) => {
    for (let presses = 0; presses < 40; presses += 1) {
      if (await field(page, label).evaluate((node) => node === document.activeElement)) break;
      await page.keyboard.press("Tab");
    }
    await expect(field(page, label)).toBeFocused();
    await page.keyboard.type(words);
  };

  await tap(button("Laporan baru"));
  await expect(field(page, "Judul kegiatan")).toBeVisible();
  const { y } = await field(page, "Judul kegiatan").boundingBox();
  expect(y, "the first field is in the upper half").toBeLessThan(PHONE.height / 2);

  await tap(field(page, "Judul kegiatan"));
  await page.keyboard.type("Rapat Sister City");
  await tap(button("Tambah dasar"));
  await page.keyboard.type("Surat undangan Kementerian Dalam Negeri");
  await next("Maksud dan tujuan", "Menghadiri rapat.");
  await next("Tanggal mulai", "10 Juli 2026");
  await next("Tanggal selesai", "12 Juli 2026");
  await next("Tempat", "Hotel Mangga Dua");
  await tap(button("Tambah hasil"));
  await page.keyboard.type("Disepakati rencana kerja.");
  // Nothing of it is there before it is touched, and what it says is what it fills in.
  await expect(main.getByLabel("Nama", { exact: true })).toHaveCount(0);
  await expect(field(page, "Tanggal laporan")).toHaveValue("");
  await expect(button(/^Saya sendiri/)).toContainText("Sri Wahyuni (peragaan)");
  await tap(button(/^Saya sendiri/));
  await expect(main.getByLabel("Nama", { exact: true })).toHaveValue("Sri Wahyuni (peragaan)");
  await next("Tempat laporan", "Tanjung Simpul");
  const today = (await button(/^Hari ini/).innerText()).replace("Hari ini, ", "");
  await tap(button(/^Hari ini/));
  await expect(field(page, "Tanggal laporan")).toHaveValue(today);
  await expect(page.getByText("Lengkap untuk diajukan.")).toBeAttached();
  await tap(button("Ajukan"));
  await tap(page.getByRole("dialog").getByRole("button", { name: "Ajukan", exact: true }));
  await expect(main.locator(".record-marks").getByText("Diajukan", { exact: true })).toBeVisible();
  expect(taps).toBeLessThanOrEqual(10);
});
