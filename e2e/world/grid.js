// The plan's grid, as a person uses it: a cell by the heading of its column and the number of its line.

/** The grid. */
export const grid = (page) => page.getByRole("grid", { name: "Butir rencana aksi" });

/** A cell. */
export const cell = (page, column, row) => grid(page).locator(`[data-line="${row}"] > [data-column="${column}"]`);

/** The words of a cell that nobody edits. */
export const words = (page, column, row) => cell(page, column, row).locator(":scope > .cell-text");

/** The field in a cell while somebody edits it. */
export function editor(page, column, row) {
  const named = { name: `${column}, baris ${row}`, exact: true };
  const inGrid = grid(page);
  return inGrid.getByRole("textbox", named).or(inGrid.getByRole("combobox", named));
}

/** Begins to edit a cell, and gives its field. */
export async function edit(page, column, row) {
  const field = editor(page, column, row);
  if (!(await field.isVisible())) await cell(page, column, row).dblclick();
  await field.waitFor();
  return field;
}

/** Writes into a cell in place of what stands there, and leaves it. */
export async function fill(page, column, row, words) {
  const field = await edit(page, column, row);
  await field.fill(words);
  await field.press("Escape");
}

/** Writes at the end of a cell, and leaves it. */
export async function append(page, column, row, words) {
  const field = await edit(page, column, row);
  await field.press("ControlOrMeta+End");
  await page.keyboard.type(words);
  await field.press("Escape");
}

/** What every cell holds, drawn or not, row by row: as it is copied. */
export async function contents(page) {
  await grid(page).locator("[data-cell][tabindex='0']").focus();
  await page.keyboard.press("ControlOrMeta+a");
  return (await copied(page)).split(/[\t\n]/);
}

/** What is put onto the clipboard of the selected cells. */
export const copied = (page) =>
  page.evaluate(() => {
    const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
    return event.clipboardData.getData("text/plain");
  });

/** Chooses from the menu of a line. */
export async function choose(page, row, entry) {
  await grid(page).getByRole("button", { name: `Tindakan baris ${row}`, exact: true }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}

/** Puts a text onto the clipboard and pastes it where the focus is. */
export async function paste(page, text) {
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}
