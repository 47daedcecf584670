import { expect, test as base, type Page } from '@playwright/test';

/** Opens a scene and fails on anything the page complains about, a refused resource among it. */
export const test = base.extend<{ open: (query: string) => Promise<void> }>({
  open: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await use(async (query) => {
      await page.goto(`/?${query}`);
      await page.waitForSelector('html[data-ready="true"]');
    });
    expect(complaints).toEqual([]);
  },
});

export const chatNamed = (page: Page, title: string) =>
  page.getByTestId('chat-item').filter({ hasText: title });

export const lastAnswer = (page: Page) => page.getByTestId('message-assistant').last();

export { expect };
