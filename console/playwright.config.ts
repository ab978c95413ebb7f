import { defineConfig } from '@playwright/test';

import { system } from './e2e/system';

/** Browser tests of the running system (`make up`): nothing of it is replaced. Browser: Debian's Chromium, or CHROMIUM. */
export default defineConfig({
  testDir: 'e2e',
  projects: [
    { name: 'tests', testMatch: '*.spec.ts' },
    { name: 'shots', testMatch: 'shots.ts' },
  ],
  outputDir: 'test-results',
  // One machine runs browser and system; the tests of one file build on one another.
  workers: 1,
  // A file takes its seconds through the workflow, more on a busy machine.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  use: {
    baseURL: system.url,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1360, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    },
    trace: 'retain-on-failure',
  },
});
