// Several offices fill in one plan at the same time, without a network, and nobody's words are lost; and what the grid does.

import { expectAccessible } from "../world/accessible.js";
import { append, cell, choose, contents, copied, edit, editor, fill, grid, paste, words } from "../world/grid.js";
import { begin, expectSafety, field } from "../world/record.js";
import { PHONE } from "../world/screens.js";
import { expect, test } from "../world/test.js";

const tool = (page, name) => page.getByRole("button", { name, exact: true });
const add = (page) => tool(page, "Tambah butir").click();

/** A plan with these activities. */
async function plan(page, activities) {
  // A phone has no "Buat baru" where the page itself offers each kind.
  const here = page.getByRole("main").getByRole("button", { name: "Rencana aksi baru" });
  await (page.viewportSize().width < 500 ? here.click() : begin(page, "Rencana aksi baru"));
  await add(page);
  await editor(page, "Kegiatan", 1).press("Escape");
  await paste(page, activities.join("\n"));
  // Besides them: two rows of headings, one of a group, one of sums.
  await expect(grid(page)).toHaveAttribute("aria-rowcount", String(activities.length + 4));
}

/** So many lines as a spreadsheet has them, with a quote, a line break and an amount that is none. */
function block(lines) {
  const row = (number) => {
    const activity = number === 2 ? '"Rapat ""koordinasi""\nsetengah hari"' : `Kegiatan ${number}`;
    const ceiling = number === 3 ? "menyusul" : `Rp${number}.000.000`;
    return [activity, number % 2 ? "Pendidikan" : "Budaya", `Keluaran ${number}`, number, "dokumen", "Bappeda", "x", "", "", "", ceiling, "", "50%", "Berjalan"].join("\t");
  };
  return Array.from({ length: lines }, (_, index) => row(index + 1)).join("\r\n");
}

test("two offices edit one plan offline, and both end with everything that either wrote", async ({ world }) => {
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Rencana aksi baru");
  for (const [index, activity] of ["Satu", "Dua", "Tiga", "Empat", "Lima"].entries()) {
    await add(sri);
    await fill(sri, "Kegiatan", index + 1, activity);
  }
  await expectSafety(sri, "Di server");
  const { device, page: first } = await world.signedIn("budi");
  await first.close();
  const budi = await device.tab(new URL(sri.url()).pathname);
  await expect(words(budi, "Kegiatan", 5)).toHaveText("Lima");

  await world.pullThePlug();
  await test.step("different cells, the same text, the same fact", async () => {
    await fill(sri, "Keluaran", 1, "naskah");
    await fill(budi, "Satuan", 1, "dokumen");
    await append(sri, "Kegiatan", 2, " siang");
    await append(budi, "Kegiatan", 2, " malam");
    await fill(sri, "Pagu", 3, "1.000.000");
    await fill(budi, "Pagu", 3, "2.000.000");
  });
  await test.step("one edits what the other moves, and what the other removes", async () => {
    await fill(budi, "Keluaran", 4, "diisi Budi");
    await fill(budi, "Keluaran", 5, "tetap ada");
    await choose(sri, 4, "Turunkan butir 4");
    await expect(words(sri, "Kegiatan", 4)).toHaveText("Lima");
    await choose(sri, 4, "Hapus butir 4");
    await expect(words(sri, "Kegiatan", 4)).toHaveText("Empat");
  });
  await expectSafety(sri, "Di perangkat ini");
  await expectSafety(budi, "Di perangkat ini");
  await world.plugIn();

  for (const page of [sri, budi]) {
    await expectSafety(page, "Di server");
    await expect(words(page, "Keluaran", 1)).toHaveText("naskah");
    await expect(words(page, "Satuan", 1)).toHaveText("dokumen");
    await expect(words(page, "Kegiatan", 2)).toHaveText(/siang/);
    await expect(words(page, "Kegiatan", 2)).toHaveText(/malam/);
    await expect(words(page, "Kegiatan", 4)).toHaveText("Empat");
    await expect(words(page, "Keluaran", 4)).toHaveText("diisi Budi");
    await expect(words(page, "Kegiatan", 5)).toHaveCount(0);
    await expect(page.getByText("Diubah sesudah dihapus")).toHaveCount(1);
  }
  expect(await contents(sri)).toEqual(await contents(budi));

  await test.step("the removed line comes back with what was written in it meanwhile", async () => {
    await budi.getByText("Dihapus: 1").click();
    await budi.getByRole("button", { name: /^Pulihkan/ }).click();
    await expect.poll(() => contents(sri)).toContain("tetap ada");
  });

  await test.step("the fact that both set is settled on both by one choice", async () => {
    await expect(tool(budi, "Perlu dipilih")).toBeVisible();
    await tool(sri, "Perlu dipilih").click();
    const choice = sri.getByRole("dialog");
    await expect(choice).toContainText("Sri Wahyuni");
    await expect(choice).toContainText("Budi Santosa");
    await expect(choice).toContainText("2.000.000");
    await choice.getByRole("listitem").filter({ hasText: "1.000.000" }).getByRole("button", { name: "Pilih ini" }).click();
    for (const page of [sri, budi]) {
      await expect(page.getByRole("button", { name: "Perlu dipilih", includeHidden: true })).toHaveCount(0);
      await expect.poll(() => contents(page)).toContain("1.000.000");
    }
    await expect.poll(() => contents(budi)).toEqual(await contents(sri));
  });
});

test("who writes in a line that a colleague removes is told, and the next keys change no other line", async ({ world }) => {
  const { page: budi } = await world.signedIn("budi");
  await plan(budi, ["Satu", "Dua", "Tiga"]);
  for (const [row, amount] of ["1000000", "2000000", "3000000"].entries()) await fill(budi, "Pagu", row + 1, amount);
  await expectSafety(budi, "Di server");
  const { page: sri } = await world.signedIn("sri");
  await sri.goto(budi.url());
  await expect(words(sri, "Pagu", 3)).toHaveText("3.000.000");
  const told = budi.getByText(/Sri Wahyuni.* menghapus butir yang sedang Anda isi\. Yang Anda ketik sejak itu tidak masuk\./);
  await test.step("in an amount", async () => {
    await edit(budi, "Pagu", 1);
    await budi.keyboard.press("ControlOrMeta+a");
    await budi.keyboard.type("77");
    await choose(sri, 1, "Hapus butir 1");
    await expect(told.first()).toBeVisible();
    await budi.keyboard.type("000 ");
    await budi.keyboard.press("Enter");
    await expect(words(budi, "Kegiatan", 1)).toHaveText("Dua");
    await expect(words(budi, "Pagu", 1)).toHaveText("2.000.000");
    await expect(budi.getByRole("main").locator("dl").getByText("Rp5.000.000")).toBeVisible();
  });
  await test.step("in a text, where the colleague takes the line's addition back", async () => {
    await sri.getByRole("button", { name: "Tambah butir", exact: true }).click();
    await sri.keyboard.type("Empat");
    await sri.keyboard.press("Escape");
    await expect(words(budi, "Kegiatan", 3)).toHaveText("Empat");
    const text = await edit(budi, "Kegiatan", 3);
    await text.press("End");
    await budi.keyboard.type(" kata");
    await expect(words(sri, "Kegiatan", 3)).toHaveText("Empat kata");
    await choose(sri, 3, "Hapus butir 3");
    await expect(words(budi, "Kegiatan", 3)).toHaveCount(0);
    await budi.keyboard.type(" lagi");
    await expect(words(budi, "Kegiatan", 2)).toHaveText("Tiga");
    await expect(words(sri, "Kegiatan", 2)).toHaveText("Tiga");
  });
  await test.step("what was typed before is in the removed line, and the grid is where it was for Tab", async () => {
    await budi.keyboard.press("Shift+Tab");
    await budi.getByText("Dihapus: 2").click();
    await expect(budi.getByText("Empat kata")).toBeVisible();
  });
});

test("an amount that can be read is taken also where the page ends right after it was typed, and paper has the grid's numbers", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Rencana aksi baru");
  await add(page);
  await editor(page, "Kegiatan", 1).press("Escape");
  await paste(page, ["A\tPendidikan", "B\tKesehatan", "C\tPendidikan"].join("\n"));
  await expect(words(page, "Kegiatan", 3)).toHaveText("B");
  await edit(page, "Pagu", 3);
  await page.keyboard.type("88 juta");
  await page.reload();
  await expect(words(page, "Pagu", 3)).toHaveText("88.000.000");
  await expect(page.getByRole("main").locator("dl").getByText("Rp88.000.000")).toBeVisible();
  await expect(page.getByText("Belum terbaca dan belum disimpan")).toHaveCount(0);
  await expectSafety(page, "Di server");
  for (const [row, name] of ["A", "C", "B"].entries()) await expect(words(page, "Kegiatan", row + 1)).toHaveText(name);
  await page.goto(`${page.url()}/cetak`);
  for (const [row, name] of ["A", "C", "B"].entries()) {
    await expect(page.locator(".paper-line tr").nth(row).getByRole("cell").first()).toHaveText(String(row + 1));
    await expect(page.locator(".paper-line tr").nth(row)).toContainText(name);
  }
});

test("the grid is gone through and filled in by the keyboard alone", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Rencana aksi baru");
  await expect(field(page, "Judul rencana aksi")).toBeVisible();
  await add(page);
  await test.step("a line is begun with its first field open, and held keys and double clicks begin one", async () => {
    await expect(editor(page, "Kegiatan", 1)).toBeFocused();
    await tool(page, "Tambah butir").dblclick();
    await expect(grid(page).getByRole("row")).toHaveCount(5);
    await expect(editor(page, "Kegiatan", 1)).toBeFocused();
  });
  await test.step("Tab goes to the next cell, letters write, Enter goes on and after the last line begins one", async () => {
    await page.keyboard.type("Rapat");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Budaya");
    await page.keyboard.press("Tab");
    await expect(cell(page, "Keluaran", 1)).toBeFocused();
    await page.keyboard.press("Enter");
    await page.keyboard.type("naskah");
    await page.keyboard.press("Enter");
    await expect(cell(page, "Kegiatan", 2)).toBeFocused();
    await expect(words(page, "Bidang", 2)).toHaveText("Budaya");
    await page.keyboard.type("Pameran");
    await page.keyboard.press("Escape");
    await expect(cell(page, "Kegiatan", 2)).toBeFocused();
    await expect(words(page, "Kegiatan", 1)).toHaveText("Rapat");
    await expect(words(page, "Keluaran", 1)).toHaveText("naskah");
  });
  await test.step("a fact is written over, a text is added to, a tick is set by the blank", async () => {
    for (const key of ["ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    await expect(cell(page, "Target", 1)).toBeFocused();
    await page.keyboard.type("40");
    await page.keyboard.press("Escape");
    await page.keyboard.type("5");
    await page.keyboard.press("Escape");
    await expect(words(page, "Target", 1)).toHaveText("5");
    for (const slowdown of [1, 8]) {
      await test.step(`several letters typed fast, ${slowdown} times slower`, async () => {
        const devtools = await page.context().newCDPSession(page);
        await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
        for (const [amount, shown] of [["12", "12"], ["3", "3"], ["4567", "4.567"]]) {
          await page.keyboard.type(amount);
          await page.keyboard.press("Escape");
          await expect(words(page, "Target", 1)).toHaveText(shown);
        }
        await devtools.detach();
      });
    }
    await page.keyboard.type("5");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type(" kerja");
    await page.keyboard.press("Escape");
    await expect(words(page, "Kegiatan", 1)).toHaveText("Rapat kerja");
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await expect(page.getByRole("checkbox", { name: "Triwulan I, baris 1", exact: true })).toBeChecked();
  });
  await test.step("several cells are copied, filled down and emptied, each in one step", async () => {
    await cell(page, "Satuan", 1).click();
    await page.keyboard.type("orang");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("ControlOrMeta+d");
    await expect(words(page, "Satuan", 2)).toHaveText("orang");
    await expect(words(page, "Target", 2)).toHaveText("5");
    expect(await copied(page)).toBe("5\torang\n5\torang");
    await page.keyboard.press("Delete");
    await expect(words(page, "Target", 1)).toHaveText("");
    await expect(words(page, "Satuan", 2)).toHaveText("");
    await page.keyboard.press("ControlOrMeta+z");
    await expect(words(page, "Target", 1)).toHaveText("5");
    await expect(words(page, "Satuan", 2)).toHaveText("orang");
  });
  await test.step("the menu of a line is reached and left by keys", async () => {
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Semua isian baris 2" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("menuitem")).toHaveCount(0);
    await expect(grid(page).locator("[data-line='2'] > [role='rowheader']")).toBeFocused();
  });
  await test.step("Escape and then Tab leaves the table", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await expect(tool(page, "Tambah butir")).toBeFocused();
  });
});

test("a plan of hundreds of lines draws what is in sight, and every line is reached, found and read", async ({ world }) => {
  test.setTimeout(120_000);
  const { page } = await world.signedIn("sri");
  const activities = Array.from({ length: 300 }, (_, index) => `Kegiatan ke-${index + 1}`);
  await begin(page, "Rencana aksi baru");
  await add(page);
  await editor(page, "Kegiatan", 1).press("Escape");
  await paste(page, activities.join("\n"));
  await expect(words(page, "Kegiatan", 1)).toHaveText("Kegiatan ke-1");
  await expect(grid(page)).toHaveAttribute("aria-rowcount", "304");
  expect(await grid(page).locator(".plan-line").count()).toBeLessThan(80);

  await test.step("keys reach the last line and it is in sight", async () => {
    await page.keyboard.press("ControlOrMeta+End");
    await expect(cell(page, "Status", 300)).toBeFocused();
    await expect(cell(page, "Status", 300)).toBeInViewport();
    await expect(grid(page).locator(".plan-line", { has: page.locator("[data-cell='14']:focus") })).toHaveAttribute("aria-rowindex", "303");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type(", terakhir");
    await page.keyboard.press("Escape");
    await page.keyboard.press("PageUp");
    await expect(page.locator(".plan-line :focus")).toBeInViewport();
  });
  await test.step("whoever is in a line keeps it, wherever the table is scrolled", async () => {
    const area = await edit(page, "Kegiatan", 300);
    await page.locator(".plan-scroll").evaluate((scroller) => scroller.scrollTo(0, 0));
    await expect(words(page, "Kegiatan", 1)).toBeInViewport();
    await expect(area).toBeFocused();
    await page.keyboard.type("!");
    await page.keyboard.press("Escape");
    await expect(words(page, "Kegiatan", 300)).toHaveText(/!/);
  });
  await test.step("the search of the grid finds what is not drawn", async () => {
    await page.keyboard.press("ControlOrMeta+f");
    const search = page.getByRole("searchbox", { name: "Cari dalam butir" });
    await expect(search).toBeFocused();
    await search.fill("KE-217");
    await expect(words(page, "Kegiatan", 217)).toBeInViewport();
    await expect(page.getByText("1 dari 1", { exact: true })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(cell(page, "Kegiatan", 217)).toBeFocused();
  });
  await test.step("what stays at the edges covers nothing", async () => {
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    for (const column of ["Bidang", "Keluaran", "Target"]) {
      await page.keyboard.press("ArrowRight");
      if (column === "Bidang") await page.keyboard.press("ArrowRight");
      const isOnTop = await cell(page, column, 217).evaluate((cell) => {
        const { left, top } = cell.getBoundingClientRect();
        return cell.contains(document.elementFromPoint(left + 4, top + 6));
      });
      expect(isOnTop, column).toBe(true);
    }
  });
});

test("a block of thirty lines from a spreadsheet is pasted, is one step, and three people go on in it, one of them offline", async ({ world }) => {
  test.setTimeout(120_000);
  const { page: sri } = await world.signedIn("sri");
  await begin(sri, "Rencana aksi baru");
  await add(sri);
  await editor(sri, "Kegiatan", 1).press("Escape");
  await paste(sri, block(30));
  const untaken = grid(sri).getByText("1 isian belum terbaca: yang dijumlahkan nilai sebelumnya");
  await test.step("what was read stands there, and what was not waits in its cell", async () => {
    const notice = sri.getByRole("status").filter({ hasText: "sel ditempel" });
    await expect(notice).toContainText("420 sel ditempel, 29 butir baru.");
    await expect(notice).toContainText("1 sel belum terbaca");
    await expect(grid(sri)).toHaveAttribute("aria-rowcount", "35");
    await expect(grid(sri).getByRole("row", { name: /^Pendidikan/ })).toContainText("15 butir");
    await expect(words(sri, "Kegiatan", 2)).toHaveText("Kegiatan 3");
    await expect(words(sri, "Pagu", 2)).toHaveText("menyusul");
    await expect(untaken).toBeVisible();
    await expect(words(sri, "Pagu", 1)).toHaveText("1.000.000");
    await expect(words(sri, "Status", 1)).toHaveText("Berjalan");
    await expect(words(sri, "Kemajuan (%)", 1)).toHaveText("50");
  });
  await test.step("undone and done again as one", async () => {
    await sri.getByRole("status").getByRole("button", { name: "Urungkan" }).click();
    await expect(grid(sri)).toHaveAttribute("aria-rowcount", "5");
    await expect(words(sri, "Kegiatan", 1)).toHaveText("");
    await cell(sri, "Kegiatan", 1).click();
    await sri.keyboard.press("ControlOrMeta+y");
    await expect(grid(sri)).toHaveAttribute("aria-rowcount", "35");
  });
  await test.step("a cell that could not be read is mended where it stands", async () => {
    await fill(sri, "Pagu", 3, "1,500,000");
    const card = sri.getByRole("main").locator("dl").getByText("2 isian belum terbaca: yang dijumlahkan nilai sebelumnya");
    await expect(card, "what was typed counts like what was pasted").toBeVisible();
    await fill(sri, "Pagu", 3, "5000000");
    await expect(card).toHaveCount(0);
    await fill(sri, "Pagu", 2, "3 juta");
    await expect(words(sri, "Pagu", 2)).toHaveText("3.000.000");
    await expect(untaken).toHaveCount(0);
    await expect(sri.getByRole("main").getByText("Rp465.000.000").first()).toBeVisible();
  });
  await expectSafety(sri, "Di server");

  const address = new URL(sri.url()).pathname;
  const join = async (user) => {
    const { device, page } = await world.signedIn(user);
    await page.close();
    const tab = await device.tab(address);
    await expect(words(tab, "Kegiatan", 1)).toHaveText("Kegiatan 1");
    return { device, page: tab };
  };
  const { device: laptop, page: budi } = await join("budi");
  const { page: ketut } = await join("ketut");
  await test.step("where a colleague is, is seen in the cell with their name", async () => {
    await cell(ketut, "Keluaran", 1).click();
    await expect(cell(sri, "Keluaran", 1)).toContainText("Ketut");
    await expect(cell(sri, "Keluaran", 1)).toHaveClass(/has-presence presence-\d/);
  });
  await laptop.goOffline();
  await append(budi, "Kegiatan", 1, " budi");
  await fill(budi, "Pagu", 4, "4.444.444");
  await append(sri, "Kegiatan", 1, " sri");
  await fill(sri, "Satuan", 3, "paket");
  await append(ketut, "Kegiatan", 1, " ketut");
  await fill(ketut, "Pagu", 5, "5.555.555");
  await expectSafety(budi, "Di perangkat ini");
  await laptop.goOnline();
  for (const page of [sri, budi, ketut]) {
    await expectSafety(page, "Di server", { timeout: 30_000 });
    for (const name of ["sri", "budi", "ketut"]) await expect(words(page, "Kegiatan", 1)).toHaveText(new RegExp(name), { timeout: 20_000 });
    await expect(words(page, "Satuan", 3)).toHaveText("paket");
    await expect(words(page, "Pagu", 4)).toHaveText("4.444.444");
    await expect(words(page, "Pagu", 5)).toHaveText("5.555.555");
  }
  await expect.poll(() => contents(budi)).toEqual(await contents(sri));
});

test("lines stand in another order for one person only, and a word that groups them moves its line once it is written", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await plan(page, ["Cahaya", "Angin", "Bumi"]);
  const order = page.getByLabel("Urutan", { exact: true });
  await order.selectOption({ label: "Kegiatan, naik" });
  const activities = () => grid(page).locator(".plan-line > .column-activity > .cell-text").allTextContents();
  await expect.poll(activities).toEqual(["Angin", "Bumi", "Cahaya"]);
  await expect(grid(page).getByRole("columnheader", { name: "Kegiatan" })).toHaveAttribute("aria-sort", "ascending");
  await expect(words(page, "Kegiatan", 1), "numbers stay those of the plan").toHaveText("Cahaya");
  await order.selectOption({ label: "Urutan rencana" });
  await expect.poll(activities).toEqual(["Cahaya", "Angin", "Bumi"]);

  const group = await edit(page, "Bidang", 2);
  await group.pressSequentially("Budaya");
  await expect(group).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(grid(page).getByRole("row", { name: /^Budaya/ })).toContainText("1 butir");
  await expect.poll(activities).toEqual(["Cahaya", "Bumi", "Angin"]);
});

test("one's own office's lines are shown alone on asking, and a line that is begun among them is one of them", async ({ world }) => {
  world.relay.operate("feed", "set", "kab-tanjung-simpul", "offices", '[{"id": "kerja-sama", "name": "Bagian Kerja Sama"}]');
  world.relay.operate("user", "change", "sri", "--office", "kerja-sama");
  const { page } = await world.signedIn("sri");
  await plan(page, ["Rapat", "Pameran", "Kunjungan"]);
  await fill(page, "Penanggung jawab", 2, "Bagian Kerja Sama");
  const own = page.getByLabel("Butir kantor saya", { exact: true });
  await own.check();
  const activities = () => grid(page).locator(".plan-line > .column-activity > .cell-text").allTextContents();
  await expect.poll(activities).toEqual(["Pameran"]);
  await expect(words(page, "Kegiatan", 2), "it keeps the number that it has in the plan").toHaveText("Pameran");
  await add(page);
  await page.keyboard.type("Pelatihan");
  await page.keyboard.press("Escape");
  await expect.poll(activities).toEqual(["Pameran", "Pelatihan"]);
  await own.uncheck();
  await expect.poll(activities).toEqual(["Rapat", "Pameran", "Kunjungan", "Pelatihan"]);
  await expect(words(page, "Penanggung jawab", 4)).toHaveText("Bagian Kerja Sama");
});

test("at the right end of the grid the number, the activity and the field of a line are still in sight", async ({ world }) => {
  const { page } = await world.signedIn("sri", { viewport: { width: 1280, height: 800 } });
  await plan(page, ["Rapat", "Pameran"]);
  await fill(page, "Bidang", 1, "Budaya");
  await cell(page, "Kegiatan", 1).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("End");
  const last = grid(page).locator('[data-line="1"] > [data-column]').last();
  await expect(last).toBeFocused();
  await expect(last).toBeInViewport({ ratio: 1 });
  for (const column of ["Kegiatan", "Bidang"]) {
    const name = grid(page).getByRole("columnheader", { name: column, exact: true });
    for (const [seen, what] of [[cell(page, column, 1), "cell"], [name, "heading"]]) {
      await expect(seen, `${what} of ${column}`).toBeInViewport({ ratio: 1 });
      const { x, y, width, height } = await seen.boundingBox();
      const isOnTop = await seen.evaluate((node, [x, y]) => node.contains(document.elementFromPoint(x, y)), [x + width / 2, y + height / 2]);
      expect(isOnTop, `${what} of ${column} lies over what moved`).toBe(true);
    }
  }
  await expect(grid(page).locator('[data-line="1"]').getByRole("rowheader")).toBeInViewport({ ratio: 1 });
});

for (const viewport of [PHONE, { width: 1280, height: 800 }]) {
  test(`the grid has no finding of axe at ${viewport.width} px, and on a phone lines are folded`, async ({ world }) => {
    const { page } = await world.signedIn("sri", { viewport });
    await plan(page, ["Rapat", "Pameran"]);
    const isPhone = viewport.width < 500;
    await expectAccessible(page, "the plan");
    if (isPhone) {
      // A line that was just begun stands unfolded.
      await tool(page, "Isian baris 1").click();
      await expect(words(page, "Kegiatan", 2)).toHaveText("Pameran");
      await expect(cell(page, "Keluaran", 1)).toBeHidden();
      await expect(cell(page, "Keluaran", 2)).toBeHidden();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await expect(cell(page, "Bidang", 1), "a key that comes to what is folded unfolds it").toBeFocused();
      await tool(page, "Isian baris 1").click();
      await tool(page, "Isian baris 2").click();
      await expect(cell(page, "Keluaran", 2)).toBeVisible();
      await cell(page, "Keluaran", 2).click();
      await expect(editor(page, "Keluaran", 2)).toBeFocused();
    } else {
      await edit(page, "Keluaran", 2);
    }
    await expectAccessible(page, "the plan while a cell is edited");
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  });
}

test("the page of a plan breaks no word of its table, however wide the window of a laptop is", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await page.getByRole("navigation", { name: "Menu utama" }).getByRole("link", { name: "Rencana aksi", exact: true }).click();
  await page.getByRole("main").getByRole("link", { name: /peragaan/ }).first().click();
  await page.getByRole("tab", { name: "Halaman" }).click();
  const table = page.getByRole("article").getByRole("table").last();
  await expect(table).toContainText("APBD kabupaten/kota");
  // A word that is broken has a piece on each of two lines.
  const broken = () =>
    table.evaluate((table) => {
      const found = [];
      const texts = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        for (const { 0: word, index } of texts.currentNode.data.matchAll(/[^\s/]+/g)) {
          const range = document.createRange();
          range.setStart(texts.currentNode, index);
          range.setEnd(texts.currentNode, index + word.length);
          if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
        }
      }
      return found;
    });
  for (const width of [1024, 1280, 1366, 1440, 1920]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(broken, `at ${width} px`).toEqual([]);
  }
});
