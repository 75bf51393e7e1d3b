// What every screen must hold: no finding of axe.

import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function expectAccessible(page, name) {
  // Colours that are still on their way are no colours to be judged.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime));
    return Promise.allSettled(ending.map((animation) => animation.finished));
  });
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const findings = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map((n) => `    ${n.html}\n        ${n.any.map(({ message }) => message).join("; ")}`).join("\n")}`);
  // One run names the findings of all screens.
  expect.soft(findings, `axe on ${name}`).toEqual([]);
}
