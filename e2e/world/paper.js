// What a browser prints, read back as an office's reader has it.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

/** Prints a page and gives the text of each sheet in the order of the page, white space as one blank. `keep` names the file, for looking at it. */
export async function printed(page, keep) {
  const pdf = await page.pdf({ preferCSSPageSize: true });
  if (process.env.PAPER) {
    fs.mkdirSync(process.env.PAPER, { recursive: true });
    fs.writeFileSync(path.join(process.env.PAPER, `${keep}.pdf`), pdf);
  }
  const text = execFileSync("pdftotext", ["-raw", "-", "-"], { input: pdf, encoding: "utf8" });
  const sheets = text.split("\f").map((sheet) => sheet.replace(/\s+/g, " ").trim());
  if (sheets.at(-1) === "") sheets.pop();
  const boxes = [...pdf.toString("latin1").matchAll(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/g)];
  return { sheets, all: sheets.join(" "), size: boxes.map((box) => [box[1], box[2]].map((points) => Math.round(points / 72 * 25.4)))[0] };
}

/** How often a text stands in another. */
export const times = (text, part) => text.split(part).length - 1;
