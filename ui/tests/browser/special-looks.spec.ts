import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, test, windows } from './page';
import { add, openProvider } from './special';

/** What stands out of the window sideways. */
const tooWide = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, input, select, textarea, h1, h3, .card, dialog')]
      .filter((element) => {
        const { width, right } = element.getBoundingClientRect();
        return width > 0 && right > innerWidth + 1 && !element.closest('.vh');
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

const looks: [name: string, query: string, way: (page: Page) => Promise<void>][] = [
  ['accounts of every kind', 'scene=special', (page) => openProvider(page, 'Bedrock')],
  ['a service account', 'scene=special', (page) => openProvider(page, 'Vertex')],
  ['the page of a sign-in', 'scene=special', (page) => openProvider(page, 'Copilot')],
  ['the page of a person', 'scene=special', (page) => openProvider(page, 'Human Relay')],
  [
    'a pair being given',
    'scene=chat&vendors=special',
    async (page) => {
      await add(page, 'amazon-bedrock');
      await page.getByTestId('aws-pair').click();
    },
  ],
  ['a file being given', 'scene=chat&vendors=special', (page) => add(page, 'vertex')],
  [
    'a prompt to carry',
    'scene=special',
    async (page) => {
      await chatNamed(page, 'Questions for').click();
      await expect(page.getByTestId('relay')).toBeVisible();
    },
  ],
  [
    'a long prompt to carry',
    'scene=special',
    async (page) => {
      await chatNamed(page, 'Long words for').click();
      await expect(page.getByTestId('relay')).toBeVisible();
    },
  ],
];

for (const theme of ['light', 'dark']) {
  for (const [name, query, way] of looks) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`${query}&pace=2&theme=${theme}`);
      await way(page);
      expect(await axeFindings(page, { without: ['heading-order'] })).toEqual([]);
      for (const [width, height] of windows) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await tooWide(page)).toEqual([]);
      }
    });
  }
}
