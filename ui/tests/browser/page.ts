import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';

/** Opens a scene and fails on anything the page complains about, a refused resource among it. */
export const test = base.extend<{ open: (query: string) => Promise<void> }>({
  open: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('console', (line) => {
      if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    // As the shell does it (`freezePrototype`), so that code which does not load there does not load here either.
    await page.addInitScript(() => Object.freeze(Object.prototype));
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

/** The windows every screen is tried in; the last is the smallest there is. */
export const windows = [
  [1440, 900],
  [1024, 700],
  [720, 560],
] as const;

/** What axe finds wrong, a line for each rule; some rules may be left out, or all but a part of the page. */
export async function axeFindings(
  page: Page,
  { without = [], within }: { without?: string[]; within?: string } = {},
): Promise<string[]> {
  // Without frames to put together the page itself can do all of it, and only what is wrong is wanted.
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .disableRules(without);
  const { violations } = await (within === undefined ? axe : axe.include(within)).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`,
  );
}

export { expect };
