import { defineConfig } from '@playwright/test';

const PORT = Number(process.env.PAGE_PORT ?? 4173);

export default defineConfig({
  testDir: './tests/browser',
  fullyParallel: true,
  workers: 2,
  // The compiler may be at work beside them: a slow machine needs the time, a broken page uses it up.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // The tests may run as root, as in most containers.
      args: ['--no-sandbox'],
    },
  },
  webServer: {
    command: `node tests/serve.mjs dist-fake ${PORT}`,
    url: `http://127.0.0.1:${PORT}/`,
    reuseExistingServer: false,
  },
});
