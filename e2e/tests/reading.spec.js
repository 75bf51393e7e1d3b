// Reading: an old version as its page, the page for who reads, and a phone whose bars make room.

import { Peer } from "../peer/client.js";
import { history } from "../world/actions.js";
import { printed, times } from "../world/paper.js";
import { begin, field } from "../world/record.js";
import { PHONE, go } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const main = (page) => page.getByRole("main");
const tab = (page, name) => main(page).getByRole("tab", { name, exact: true });
const versionDialog = (page) => page.getByRole("dialog", { name: /^Versi \d, diajukan/ });

const LINE = {
  order: "V", activity: "Pelatihan nelayan", output: "Modul", programme: "", sub_activity: "", purpose: "", indicator: "",
  division: "", obstacle: "", remedy: "", follow_up: "", remark: "", ceiling: 1_000_000, responsible: "Dinas Perikanan",
};
/** One record of each kind: what it says, and what somebody writes into it afterwards. */
const RECORDS = [
  {
    list: "/laporan", kind: "trip-report", title: "Rapat Kota Bersaudara", later: "purpose",
    fields: {
      title: "Rapat Kota Bersaudara", purpose: "Menghadiri rapat.", venue: "Balai Kota", bases: {}, outcomes: {}, travellers: {},
      follow_ups: {}, attachments: {}, links: {},
    },
  },
  {
    list: "/kerja-sama", kind: "agreement", title: "Naskah Sleman dan Kyoto", later: "remarks",
    fields: {
      title: "Naskah Sleman dan Kyoto", partner: "Kota Kyoto", agreement_type: "sister-city", remarks: "", links: {}, attachments: {},
      stages: {},
    },
  },
  {
    list: "/rencana-aksi", kind: "action-plan", title: "Rencana dua tahun", later: "working_group",
    fields: { title: "Rencana dua tahun", working_group: "", lines: {}, attachments: {}, links: {}, periods: {} },
  },
];

const addressOf = async (page, { list, title }) => {
  await go(page, list);
  return main(page).getByRole("link", { name: title }).first().getAttribute("href");
};

/** Begins the records as a colleague's program does; gives the colleague, to go on with. */
async function written(world) {
  const peer = await Peer.signIn(world.relay.url, world.account("sri"));
  await peer.caughtUp();
  for (const record of RECORDS) await peer.create(world.account("sri").feeds[0], record.kind, record.fields);
  const of = ({ title }) => peer.document((root) => String(root.title) === title);
  await peer.change(await of(RECORDS[2]), (root) => {
    root.lines["0000000000000001"] = LINE;
  });
  await peer.change(await of(RECORDS[1]), (root) => {
    root.stages["0000000000000001"] = { name: "letter-of-intent", dated_on: "2019-04", number: "019/LOI", officials: "", remark: "Lewat video", order: "V" };
  });
  return { peer, of };
}

/** Decides on all of them as they stand. */
async function decided(world, user, event) {
  const peer = await Peer.signIn(world.relay.url, world.account(user));
  await peer.caughtUp();
  for (const { title } of RECORDS) await peer.decide(await peer.document((root) => String(root.title) === title), event);
  peer.close();
}

/** Opens the approved version from the history. */
async function openApproved(page) {
  const entry = (await history(page)).getByRole("listitem").filter({ hasText: "Setujui" }).first();
  await entry.getByRole("button", { name: "Buka versi ini" }).click();
  const dialog = versionDialog(page);
  await expect(dialog.getByRole("tab", { name: "Halaman", selected: true })).toBeVisible();
  return dialog;
}

/** Nothing is wider than the screen, and no page has to be moved sideways to be read. */
async function expectNothingWider(page, where) {
  const wider = await page.evaluate(() => {
    const said = (element) => element.outerHTML.slice(0, 120);
    const isOut = (element) => element.getBoundingClientRect().right > innerWidth + 1 && element.checkVisibility();
    // A grid moves by itself, and cuts what is beyond its edge.
    const isCut = (element) => {
      for (let above = element.parentElement; above; above = above.parentElement) {
        if (getComputedStyle(above).overflowX !== "visible") return true;
      }
      return false;
    };
    const boxes = [...document.querySelectorAll("html, .paper-frame, .paper, dialog[open]")];
    const moved = boxes.filter((box) => box.scrollWidth > box.clientWidth + 1 && box.checkVisibility());
    const out = [...document.querySelectorAll("main *")].filter((element) => isOut(element) && !isCut(element));
    return [...moved, ...out].slice(0, 3).map(said);
  });
  expect(wider, where).toEqual([]);
}

test("an approved version opens as its page, which is printed under its name and fits the phone", async ({ world }) => {
  const { peer, of } = await written(world);
  await decided(world, "sri", "submit");
  await decided(world, "ketut", "approve");
  for (const record of RECORDS) {
    await peer.change(await of(record), (root) => {
      root[record.later] = "Ditambahkan kemudian";
    });
  }
  peer.close();
  const { page } = await world.signedIn("ketut");
  const { page: phone } = await world.signedIn("dewi", { viewport: PHONE });
  const name = /Versi 1, disetujui \d+ \p{L}+ \d{4} \d\d\.\d\d/u;
  for (const record of RECORDS) {
    const address = await addressOf(page, record);
    await go(page, address);
    await expect(main(page).locator(".record-marks")).toContainText("1 perubahan sesudahnya");
    const dialog = await openApproved(page);
    const paper = dialog.getByRole("article");
    await expect(paper).toContainText("DISETUJUI");
    await expect(paper).toContainText(record.title);
    await expect(paper).toContainText(name);
    await expect(paper).toContainText(/Disetujui oleh I Ketut Suardana .* tanpa perubahan sesudahnya/);
    await expect(paper).not.toContainText("Ditambahkan kemudian");

    const print = await printed(page, `version-${record.kind}`);
    for (const sheet of print.sheets) {
      expect(sheet).toMatch(name);
      expect(times(sheet, "DISETUJUI"), sheet).toBe(1);
    }
    expect(times(print.all, record.title), print.all).toBe(1);
    expect(print.all).not.toContain("Ditambahkan kemudian");
    await dialog.getByRole("tab", { name: "Yang berbeda" }).click();
    expect((await printed(page, `now-${record.kind}`)).all, "beside it the record is printed").toContain("Ditambahkan kemudian");
    await page.keyboard.press("Escape");

    await go(phone, address);
    await openApproved(phone);
    await expect(versionDialog(phone).getByRole("article")).toContainText(record.title);
    await expectNothingWider(phone, `${record.kind} on the phone`);
  }
});

test("who reads or decides opens the page, who writes the form; and what they chose stands", async ({ world }) => {
  const { peer } = await written(world);
  peer.close();
  const { page: sri } = await world.signedIn("sri", { viewport: PHONE });
  const { page: dewi } = await world.signedIn("dewi", { viewport: PHONE });
  const { page: ketut } = await world.signedIn("ketut", { viewport: PHONE });
  const sides = { "/laporan": ["Tulis", "Lihat"], "/kerja-sama": ["Ringkasan", "Halaman"], "/rencana-aksi": ["Isian", "Halaman"] };
  const opens = async (page, record, side) => {
    await go(page, await addressOf(page, record));
    await expect(tab(page, side), `${record.kind}: ${side}`).toHaveAttribute("aria-selected", "true");
  };
  for (const record of RECORDS) {
    const [form, reading] = sides[record.list];
    await opens(sri, record, form);
    await opens(dewi, record, reading);
    await expect(main(dewi).getByRole("article")).toContainText(record.title);
    await expectNothingWider(dewi, `${record.kind} of a reader`);
    await expect(tab(dewi, "Tulis"), `${record.kind} of a reader`).toHaveCount(0);
    if (record.kind !== "trip-report") await opens(ketut, record, form);
  }
  await decided(world, "sri", "submit");
  for (const record of RECORDS) {
    const [form, reading] = sides[record.list];
    await opens(ketut, record, reading);
    await opens(sri, record, form);
    await tab(sri, reading).click();
    await sri.getByRole("navigation", { name: "Menu utama" }).getByRole("link").first().click();
    await expect(sri).toHaveURL(/\/$/);
    await sri.goBack();
    await expect(tab(sri, reading)).toHaveAttribute("aria-selected", "true");
  }
});

test("the way back from an agreement's paper leads to the tab from which one came", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Kerja sama baru");
  for (const name of ["Tahapan", "Riwayat"]) {
    await tab(page, name).click();
    await main(page).getByRole("button", { name: "Cetak", exact: true }).click();
    await expect(main(page).getByRole("article")).toBeVisible();
    await main(page).getByRole("link", { name: "Kembali" }).click();
    await expect(tab(page, name)).toHaveAttribute("aria-selected", "true");
  }
  await main(page).getByRole("button", { name: "Cetak", exact: true }).click();
  await page.goBack();
  await expect(tab(page, "Riwayat")).toHaveAttribute("aria-selected", "true");
});

/** How much of the screen the bars take. */
const takenByBars = (page) =>
  page.evaluate(() => {
    const taken = (bar) => {
      const { top, bottom } = bar.getBoundingClientRect();
      return Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0));
    };
    return [...document.querySelectorAll(".topbar, .navigation, .page-record > .tabs, .sides-tabs")].map(taken).reduce((a, b) => a + b, 0);
  });

/** What has the focus is hidden by a bar. */
const isUnderABar = (page) =>
  page.evaluate(() => {
    const focused = document.activeElement;
    const { top, bottom, left, right } = focused.getBoundingClientRect();
    const at = (y) => document.elementFromPoint((left + right) / 2, y)?.closest(".topbar, .navigation, .tabs");
    const isHidden = (bar) => bar && !bar.contains(focused);
    return [top + 1, bottom - 1].some((y) => isHidden(at(y)));
  });

for (const reducedMotion of ["no-preference", "reduce"]) {
  test(`on the phone the bars make room while one reads on and come back on the way up, with motion ${reducedMotion}`, async ({ world }) => {
    const { page } = await world.signedIn("sri", { viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion });
    for (const list of ["/laporan", "/kerja-sama", "/rencana-aksi"]) {
      await go(page, list);
      const link = main(page).locator("tbody").getByRole("link").first();
      await link.click();
      await expect(main(page).getByRole("tablist")).toBeVisible();
      await expect(main(page).getByRole("heading", { level: 1 })).toBeVisible();
      const scroll = (by) => page.evaluate((by) => window.scrollBy(0, by), by);
      const placeOfTitle = () => page.evaluate(() => document.querySelector("h1").getBoundingClientRect().top + scrollY);
      await scroll(900);
      await expect.poll(() => takenByBars(page), `${list}: down`).toBeLessThan(1);
      const place = await placeOfTitle();
      await scroll(-60);
      await expect.poll(() => takenByBars(page), `${list}: up`).toBeGreaterThan(130);
      expect(await placeOfTitle(), "nothing moves").toBe(place);
      await scroll(300);
      await expect.poll(() => takenByBars(page)).toBeLessThan(1);
      await page.evaluate(() => window.scrollTo(0, 0));
      await expect.poll(() => takenByBars(page), `${list}: at the top`).toBeGreaterThan(90);
    }
  });
}

test("on the phone no bar lies over what the keyboard is in, on the way down and up", async ({ world }) => {
  const { page } = await world.signedIn("sri", { viewport: PHONE });
  for (const list of ["/laporan", "/kerja-sama"]) {
    await go(page, list);
    await main(page).locator("tbody").getByRole("link").first().click();
    await expect(main(page).getByRole("tablist")).toBeVisible();
    for (const key of ["Tab", "Shift+Tab"]) {
      for (let presses = 0; presses < 24; presses += 1) {
        await page.keyboard.press(key);
        const seen = () => page.evaluate(() => document.activeElement.outerHTML.slice(0, 100));
        await expect.poll(() => isUnderABar(page), `${key} ${presses} on ${list}: ${await seen()}`).toBe(false);
      }
    }
  }
  await test.step("a bar that the keyboard goes to is there", async () => {
    await page.evaluate(() => document.activeElement.blur());
    await page.evaluate(() => window.scrollBy(0, 900));
    await expect.poll(() => takenByBars(page)).toBeLessThan(1);
    const link = page.getByRole("navigation", { name: "Menu utama" }).getByRole("link").first();
    await page.keyboard.press("Tab");
    await link.focus();
    await expect(link).toBeInViewport({ ratio: 1 });
  });
});

test("on the phone the first field is in the upper half", async ({ world }) => {
  const { page } = await world.signedIn("sri", { viewport: PHONE });
  for (const [what, label] of [
    ["Laporan baru", "Judul kegiatan"], ["Kerja sama baru", "Judul kerja sama"], ["Rencana aksi baru", "Judul rencana aksi"],
  ]) {
    await go(page, "/");
    await main(page).getByRole("button", { name: what, exact: true }).click();
    await expect(field(page, label)).toBeVisible();
    const { y } = await field(page, label).boundingBox();
    expect(y, `${what}: ${label}`).toBeLessThan(PHONE.height / 2);
  }
});

test("a word of 264 letters breaks in lists, on the page, in the history and in banners", async ({ world }) => {
  const word = "https://contoh.go.id/".padEnd(264, "x");
  const peer = await Peer.signIn(world.relay.url, world.account("sri"));
  await peer.caughtUp();
  for (const { kind, title, fields } of RECORDS) {
    await peer.create(world.account("sri").feeds[0], kind, { ...fields, title: `${title} ${word}` });
    const record = await peer.document((root) => String(root.title) === `${title} ${word}`);
    await peer.change(record, (root) => {
      if (kind === "action-plan") root.lines["0000000000000001"] = { ...LINE, activity: word, responsible: word };
      if (kind === "agreement") Object.assign(root, { partner: word, remarks: word });
      if (kind === "trip-report") Object.assign(root, { purpose: word, venue: word });
    });
    await peer.decide(record, "submit");
  }
  peer.close();
  const head = await Peer.signIn(world.relay.url, world.account("ketut"));
  await head.caughtUp();
  for (const { title } of RECORDS) {
    await head.decide(await head.document((root) => String(root.title).startsWith(title)), "return", { note: word });
  }
  head.close();
  for (const viewport of [undefined, PHONE]) {
    const { page } = await world.signedIn("sri", viewport ? { viewport } : {});
    const where = viewport ? "phone" : "laptop";
    await go(page, "/");
    await expect(main(page).getByText(RECORDS[0].title).first()).toBeVisible();
    await expectNothingWider(page, `the start page on the ${where}`);
    for (const record of RECORDS) {
      const address = await addressOf(page, record);
      await expectNothingWider(page, `${record.list} on the ${where}`);
      if (!viewport) {
        // As wide as its heading, and room for a word.
        const widths = await page.locator("thead th").evaluateAll((heads) => heads.map((head) => [head.innerText, head.getBoundingClientRect().width]));
        for (const [name, width] of widths) expect(width, `${name} in ${record.list}`).toBeGreaterThan(60);
      }
      await go(page, address);
      await expect(main(page).getByRole("group", { name: /^Dikembalikan oleh/ })).toContainText(word);
      await expectNothingWider(page, `${record.kind} on the ${where}`);
      // Beside each other on a laptop.
      if (viewport || record.kind !== "trip-report") await tab(page, record.kind === "trip-report" ? "Lihat" : "Halaman").click();
      await expect(main(page).getByRole("article")).toContainText(word);
      await expectNothingWider(page, `the page of ${record.kind} on the ${where}`);
      await expect(await history(page)).toContainText(word);
      await expectNothingWider(page, `the history of ${record.kind} on the ${where}`);
      await page.keyboard.press("Escape");
    }
  }
});
