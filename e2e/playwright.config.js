// Browser tests: one real relay with fresh data and one real browser profile per device, for each test.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  // Each test starts its own relay and browsers, and two cores carry one such test well.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
});
