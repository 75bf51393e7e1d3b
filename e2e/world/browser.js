// Which Chromium is driven, and how: $CHROMIUM, a system's headless shell or its whole Chromium, Playwright's own, in this
// order. The shell has no windows to draw, so that a test takes it about half the work.

import { chromium } from "@playwright/test";
import { execFileSync } from "node:child_process";

function systemChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

const executablePath = systemChromium();

const args = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Letters are as wide as on a screen of today; else the shell rounds each to whole pixels.
  "--font-render-hinting=none",
];
// The sandbox refuses root.
if (process.getuid?.() === 0) args.push("--no-sandbox");

/** Opens a browser on a profile folder of its own. */
export function launchProfile(folder, options) {
  return chromium.launchPersistentContext(folder, { executablePath, args, headless: true, ...options });
}
