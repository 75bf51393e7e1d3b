// Light marks in a text: put by buttons and keys, dimmed where one writes, meant on the page; beneath them plain text.

import { Peer } from "../peer/client.js";
import { expectAccessible } from "../world/accessible.js";
import { begin, expectSafety, field } from "../world/record.js";
import { expect, test } from "../world/test.js";

const tool = (page, name) => page.getByRole("toolbar", { name: "Format teks" }).getByRole("button", { name, exact: true });

/** What of a field's text is dimmed. */
const dimmed = (text) => text.locator("xpath=following-sibling::*").locator(".prose-mark")
  .evaluateAll((marks) => marks.map((mark) => mark.dataset.text));

test("marks come by buttons and keys, are dimmed in the field and meant on the page, over plain text", async ({ world }) => {
  const { page } = await world.signedIn("sri");
  await begin(page, "Laporan baru");
  await field(page, "Judul kegiatan").fill("Percobaan tanda");
  const text = field(page, "Penutup");
  const shown = page.getByRole("complementary", { name: "Halaman cetak" });

  await test.step("keys and buttons put marks around what is selected, and take them off", async () => {
    await text.focus();
    await text.pressSequentially("Kerja sama sister city");
    await page.keyboard.press("ControlOrMeta+Shift+ArrowLeft");
    await page.keyboard.press("ControlOrMeta+Shift+ArrowLeft");
    await page.keyboard.press("ControlOrMeta+i");
    await expect(text).toHaveValue("Kerja sama *sister city*");
    await expect(shown.locator("em")).toHaveText("sister city");
    await tool(page, "Tebal").click();
    await expect(text).toHaveValue("Kerja sama ***sister city***");
    await expect(text).toBeFocused();
    await page.keyboard.press("ControlOrMeta+b");
    await expect(text).toHaveValue("Kerja sama *sister city*");
    await expect.poll(() => dimmed(text)).toEqual(["*", "*"]);
  });

  await test.step("Enter goes on with a list, and ends it at an empty item", async () => {
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.press("Enter");
    await tool(page, "Daftar bernomor").click();
    await page.keyboard.type("satu");
    await page.keyboard.press("Enter");
    await page.keyboard.type("dua");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await tool(page, "Daftar butir").click();
    await page.keyboard.type("tiga");
    await expect(text).toHaveValue("Kerja sama *sister city*\n1. satu\n2. dua\n\n- tiga");
    await expect(shown.locator("ol.paper-list > li").filter({ hasText: /^(satu|dua)$/ })).toHaveCount(2);
    await expect(shown.locator("ul.paper-bullets > li")).toHaveText("tiga");
    await expect.poll(() => dimmed(text)).toEqual(["*", "*", "1. ", "2. ", "- "]);
  });

  await test.step("what is dimmed lies where the letters are, however long the text and narrow the field", async () => {
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await text.fill(`${"kata yang *panjang* dan **tebal** di sini. ".repeat(60)}\n- butir`);
      await expect.poll(() => dimmed(text)).toHaveLength(60 * 4 + 1);
      const [field, veil] = await text.evaluate((area) => {
        const look = (element) => {
          const style = getComputedStyle(element);
          return [element.scrollHeight, element.clientWidth, element.scrollTop, style.fontFamily, style.fontSize, style.lineHeight,
            style.letterSpacing, style.wordSpacing, style.fontFeatureSettings, style.padding];
        };
        return [look(area), look(area.nextElementSibling)];
      });
      expect(veil, `at ${width} px`).toEqual(field);
    }
    await expectAccessible(page, "a field with marks");
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step("the record holds the plain text, and a text without marks has no veil", async () => {
    await text.fill("Tanpa **tanda");
    await expect(text.locator("xpath=following-sibling::*")).toHaveCount(0);
    await text.fill("Dengan **tanda**");
    await expectSafety(page, "Di server");
    const peer = await Peer.signIn(world.relay.url, world.account("sri"));
    await peer.document((root) => String(root.closing) === "Dengan **tanda**");
    peer.close();
  });
});
