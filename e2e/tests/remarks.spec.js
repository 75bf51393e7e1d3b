// What is written beside a decision, what its dialog tells, and where it is found again.

import { asked, beginDecision, decide, offered } from "../world/actions.js";
import { begin, beginAgreement, expectSafety, field, write } from "../world/record.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");
const note = (page) => asked(page).getByLabel("Catatan");

test("a remark that was begun is there again however its dialog was closed, over a reload too, until it is sent or emptied", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await beginAgreement(sri);
  await beginDecision(sri, "Ajukan");
  await note(sri).fill("Mohon diperiksa hari ini.");
  await sri.keyboard.press("Escape");
  await expect(asked(sri)).toBeHidden();
  await beginDecision(sri, "Ajukan");
  await expect(note(sri)).toHaveValue("Mohon diperiksa hari ini.");
  await asked(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
  await expectSafety(sri, "Di server");

  const { page: ketut } = await world.signedInAt("ketut", address);
  await beginDecision(ketut, "Kembalikan");
  await note(ketut).fill("Lengkapi masa berlaku.");
  await test.step("a press outside, the button and a reload lose nothing", async () => {
    await ketut.mouse.click(5, 5);
    await expect(asked(ketut)).toBeHidden();
    await beginDecision(ketut, "Kembalikan");
    await expect(note(ketut)).toHaveValue("Lengkapi masa berlaku.");
    await asked(ketut).getByRole("button", { name: "Batal" }).click();
    await beginDecision(ketut, "Setujui");
    await expect(note(ketut), "it is no word of approval").toHaveValue("");
    await ketut.keyboard.press("Escape");
    await ketut.reload();
    await beginDecision(ketut, "Kembalikan");
    await expect(note(ketut)).toHaveValue("Lengkapi masa berlaku.");
    await expect(asked(ketut).getByText("belum terbaca"), "it is no field that was left").toHaveCount(0);
  });
  await test.step("what is emptied is gone", async () => {
    await note(ketut).fill("");
    await ketut.keyboard.press("Escape");
    await ketut.reload();
    await beginDecision(ketut, "Kembalikan");
    await expect(note(ketut)).toHaveValue("");
  });
  await note(ketut).fill("Sebut pejabatnya.");
  await asked(ketut).getByRole("button", { name: "Kembalikan", exact: true }).click();
  await expect(main(ketut).getByRole("group", { name: /^Dikembalikan oleh/ })).toContainText("Sebut pejabatnya.");

  await test.step("what was sent is not there for the next one", async () => {
    await expect(main(sri).getByRole("group", { name: /^Dikembalikan oleh/ })).toBeVisible();
    await beginDecision(sri, "Ajukan");
    await expect(note(sri)).toHaveValue("");
    await asked(sri).getByRole("button", { name: "Ajukan", exact: true }).click();
    await expect(main(ketut).locator(".record-marks").getByText("Diajukan", { exact: true })).toBeVisible();
    await beginDecision(ketut, "Kembalikan");
    await expect(note(ketut)).toHaveValue("");
    await ketut.keyboard.press("Escape");
  });
});

test("who may write and approve is offered the decision, and another submission only once somebody has changed something", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await beginAgreement(sri);
  await decide(sri, "Ajukan");
  await expectSafety(sri, "Di server");
  const { page: ketut } = await world.signedInAt("ketut", address);
  await expect(main(ketut).getByRole("button", { name: "Verifikasi", exact: true })).toBeVisible();
  for (const page of [sri, ketut]) {
    await expect(main(page).getByRole("button", { name: "Ajukan", exact: true })).toHaveCount(0);
    expect(await offered(page)).not.toContain("Ajukan");
  }
  await write(sri, "Pemrakarsa", "Bupati");
  for (const page of [sri, ketut]) {
    await expect(main(page).locator(".record-marks")).toContainText("1 perubahan sesudahnya");
    expect(await offered(page)).toContain("Ajukan");
  }
  await decide(ketut, "Verifikasi");
  await expect(main(ketut).getByRole("button", { name: "Setujui", exact: true })).toBeVisible();
  expect(await offered(ketut), "what was verified is not to be submitted once more").not.toContain("Ajukan");
});

test("an end before the start is told in the checklist, on submitting and beside the field, and blocks nothing", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await beginAgreement(page);
  await write(page, "Mulai berlaku", "12 Oktober 2026");
  await write(page, "Berakhir", "10 Oktober 2026");
  const told = "Berakhir: Tanggal selesai lebih awal daripada tanggal mulai.";
  const list = main(page).locator("details.checklist");
  await expect(list).toContainText("1 hal perlu diperiksa");
  await list.locator("summary").click();
  await list.getByRole("link", { name: told }).click();
  await expect(field(page, "Berakhir")).toBeFocused();
  await expect(main(page).locator("[data-field=ends_on]").getByRole("status")).toContainText("lebih awal daripada tanggal mulai");
  await beginDecision(page, "Ajukan");
  await expect(asked(page).getByText(told)).toBeVisible();
  await expect(asked(page).getByRole("button", { name: "Ajukan", exact: true })).toBeEnabled();
  await page.keyboard.press("Escape");
  await write(page, "Berakhir", "14 Oktober 2026");
  await expect(list).toHaveCount(0);
  await beginDecision(page, "Ajukan");
  await expect(asked(page).getByText(told)).toHaveCount(0);
});

test("a report says in its checklist which of its days is missing, and that they are reversed", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  const list = main(page).locator("details.checklist");
  await list.locator("summary").click();
  await expect(list.getByRole("link", { name: "Tanggal kegiatan", exact: true })).toBeVisible();
  await write(page, "Tanggal mulai", "12 Oktober 2026");
  await list.getByRole("link", { name: "Tanggal selesai", exact: true }).click();
  await expect(field(page, "Tanggal selesai")).toBeFocused();
  await write(page, "Tanggal selesai", "10 Oktober 2026");
  await expect(list).toContainText("hal belum diisi, 1 hal perlu diperiksa");
  await beginDecision(page, "Ajukan");
  await expect(asked(page).getByText("Tanggal selesai: Tanggal selesai lebih awal daripada tanggal mulai.")).toBeVisible();
});

test("a record is found by the remark of a decision and by the name of a stage, and the place is shown", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  const address = await beginAgreement(sri);
  await decide(sri, "Ajukan");
  await expectSafety(sri, "Di server");
  const { page: ketut } = await world.signedInAt("ketut", address);
  await beginDecision(ketut, "Kembalikan");
  await note(ketut).fill("Lampirkan surat balasan wali kota.");
  await asked(ketut).getByRole("button", { name: "Kembalikan", exact: true }).click();
  await expectSafety(ketut, "Di server");
  await expect(main(sri).getByText("Lampirkan surat balasan wali kota.")).toBeVisible();
  for (const page of [ketut, sri]) {
    await page.goto(new URL("/cari?q=surat+balasan", page.url()).href);
    const row = main(page).getByRole("listitem").filter({ hasText: "Sleman dan Kyoto" });
    await expect(row).toContainText("Lampirkan surat balasan wali kota.");
    await expect(row.locator("mark").first()).toHaveText("surat");
  }
  await test.step("agreements of the demonstration, by what their stages are called", async () => {
    for (const words of ["Penandatanganan", "signing"]) {
      await main(sri).getByRole("searchbox").fill(words);
      await expect(main(sri).locator(".row-excerpt").first()).toContainText("Tahap: Penandatanganan");
    }
  });
});
