// Browser tests: one real relay with fresh data and one real browser profile per device, for each test.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  // Each test starts its own relay and browsers and waits much: two cores carry two of them, and no more.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
});
