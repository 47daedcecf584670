import type { Page } from '@playwright/test';
import { paste, row, TAIL } from './keys';
import { axeFindings, chatNamed, expect, test, windows } from './page';

for (const [code, words] of [
  ['store_newer', 'A newer Parlance wrote these chats'],
  ['store_foreign', 'The data file is not Parlance’s'],
  ['store_corrupt', 'The data file is damaged'],
  ['store_in_use', 'Parlance is already open'],
  ['store_unwritable', 'The data folder cannot be written'],
  ['store_constructor', 'Parlance could not open your chats'],
] as const) {
  test(`recovery explains ${code}`, async ({ page, open }) => {
    await open(`fail=${code}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(words);
    await expect(page.getByTestId('error')).toContainText('/home/ada/.local/share/parlance/parlance.db');
    await expect(page.getByRole('button', { name: 'Try again' })).toBeEnabled();
  });
}

test('the theme is chosen, and F6 walks the regions', async ({ page, open }) => {
  await open('scene=chat');
  await page.keyboard.press('Control+,');
  await page.getByTestId('settings-page-appearance').click();
  await page.getByTestId('theme-dark').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(dark).toBe('rgb(17, 18, 21)');
  await page.getByTestId('theme-light').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await page.keyboard.press('Control+1');
  await expect(page.getByTestId('composer')).toBeFocused();
  await page.keyboard.press('F6');
  await expect(page.getByTestId('nav-chat')).toBeFocused();
  await page.keyboard.press('Shift+F6');
  await expect(page.getByTestId('composer')).toBeFocused();
});

const scenes = [
  ['chat', 'scene=chat', 'Batching'],
  ['long words', 'scene=chat', 'A very long title'],
  ['failures', 'scene=chat', 'What went wrong'],
  ['states', 'scene=states', 'Every state'],
  ['first run', 'scene=first-run', null],
  ['empty', 'scene=empty', null],
] as const;

const provider = (name: string) => async (page: Page) => {
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('provider-item').filter({ hasText: name }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
};

/** Screens with keys in them, and how to come there. */
const ways: [name: string, scene: string, way: (page: Page) => Promise<void>][] = [
  ['providers', 'scene=keys', provider('Anthropic')],
  ['keys in trouble', 'scene=keys', provider('Mistral through')],
  ['many models', 'scene=keys', provider('OpenRouter')],
  [
    'a provider being added',
    'scene=keys',
    async (page) => {
      await page.getByTestId('nav-providers').click();
      await page.getByTestId('add-provider').click();
      await expect(page.getByTestId('provider-form')).toBeVisible();
    },
  ],
  [
    'settings',
    'scene=keys&vault=open',
    async (page) => {
      await page.getByTestId('nav-settings').click();
      await page.getByTestId('settings-page-keys').click();
      await expect(page.getByTestId('vault-lock')).toBeVisible();
    },
  ],
  [
    'pasted keys',
    'scene=first-run',
    async (page) => {
      await paste(page, `sk-ant-api03-${TAIL} sk-4f9c${TAIL} sk-proj-bad-${TAIL}`);
      await expect(row(page, 'openai')).toContainText('OpenAI rejected the key (401).');
      await expect(row(page, 'anthropic')).toContainText('Works.');
    },
  ],
  [
    'the question where a key goes',
    'scene=first-run&keyring=unavailable',
    async (page) => {
      await paste(page, `sk-ant-api03-${TAIL}`);
      await expect(page.getByTestId('where-dialog')).toBeVisible();
    },
  ],
  [
    'the choice of a model',
    'scene=first-run',
    async (page) => {
      await paste(page, `sk-ant-api03-${TAIL}`);
      await expect(row(page, 'anthropic')).toContainText('Works.');
      await page.getByTestId('step-next').click();
      await expect(page.getByTestId('start-model').first()).toBeVisible();
    },
  ],
];

/** What stands out of the window sideways; the page hides it, so that its own width does not tell. */
const tooWide = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, input, select, h1, .card')]
      .filter((element) => {
        const { width, right } = element.getBoundingClientRect();
        return width > 0 && right > innerWidth + 1 && !element.closest('.vh');
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

// The headings in an answer are the model's; their order is not ours to choose.
const findings = (page: Page) => axeFindings(page, { without: ['heading-order'] });

for (const theme of ['light', 'dark']) {
  for (const [name, query, title] of scenes) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`${query}&theme=${theme}`);
      if (title) await chatNamed(page, title).click();
      if (title) await expect(page.getByTestId('message-assistant').last()).toBeVisible();
      expect(await findings(page)).toEqual([]);
      for (const [width, height] of windows) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
    });
  }
  for (const [name, scene, way] of ways) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`${scene}&pace=2&theme=${theme}`);
      await way(page);
      expect(await findings(page)).toEqual([]);
      for (const [width, height] of windows) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await tooWide(page)).toEqual([]);
      }
    });
  }
}
