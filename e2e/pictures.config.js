// Takes every screen of the real product: 360 and 1280 px wide, light and dark. Not a test.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  testMatch: "*.pictures.js",
  outputDir: "results",
  workers: 1,
  retries: 0,
  timeout: 300_000,
  reporter: [["list"]],
});
