import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, lastAnswer, test } from './page';

const palette = (page: Page) => page.getByTestId('palette');
const rows = (page: Page) => page.getByTestId('palette-row');
const active = (page: Page) => page.locator('[data-testid="palette-row"][data-active]');

async function openPalette(page: Page, typed = '') {
  await page.keyboard.press('Control+k');
  await expect(palette(page).getByRole('combobox')).toBeFocused();
  if (typed) await page.keyboard.type(typed);
}

test('an action is found, run, and first the next time', async ({ page, open }) => {
  await open('scene=chat');
  await openPalette(page, 'dark th');
  await expect(active(page)).toHaveText('Use the dark theme');
  expect(await palette(page).getByRole('combobox').getAttribute('aria-activedescendant')).toBe(
    await active(page).getAttribute('id'),
  );
  await page.keyboard.press('Enter');
  await expect(palette(page)).toHaveCount(0);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByTestId('composer')).toBeFocused();
  await openPalette(page, 'add a prov');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('provider-form')).toBeVisible();
  await openPalette(page);
  await expect(page.getByRole('group', { name: 'Recent actions' })).toHaveText(
    /Recent actions\s*Add a provider/,
  );
});

test('chats, models and settings are found from everywhere', async ({ page, open }) => {
  await open('scene=chat');
  await page.keyboard.press('Control+3');
  await openPalette(page, 'porto');
  await expect(active(page).locator('mark')).toHaveText('Porto');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trip to Porto, four days');
  await openPalette(page, '@qwen');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toContainText('Qwen3 14B');
  await expect(page.getByTestId('composer')).toBeFocused();
  await openPalette(page, 'passphrase');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Keys and privacy');
});

test('a step leads into another list, and the signs narrow it', async ({ page, open }) => {
  await open('scene=chat');
  await openPalette(page, 'use a model');
  await page.keyboard.press('Enter');
  await expect(palette(page).getByRole('combobox')).toHaveValue('@');
  await expect(page.getByRole('group', { name: 'Models' })).toBeVisible();
  await page.keyboard.press('Backspace');
  await page.keyboard.type('>');
  const groups = palette(page).getByRole('listbox').getByRole('group');
  await expect(groups).toHaveCount(1);
  await expect(groups).toHaveAccessibleName('Actions');
  expect(await rows(page).count()).toBeLessThanOrEqual(12);
  await expect(rows(page).filter({ hasText: 'New chat' }).locator('kbd')).toHaveText('Ctrl N');
  await page.keyboard.press('ArrowUp');
  await expect(rows(page).last()).toHaveAttribute('data-active', '');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('zqzqzq');
  await expect(palette(page)).toContainText('Nothing matches “zqzqzq”.');
});

test('the palette closes by Escape and by its keys, and the focus goes back', async ({ page, open }) => {
  await open('scene=chat');
  await page.getByTestId('nav-providers').focus();
  for (const keys of ['Escape', 'Control+k']) {
    await openPalette(page, 'words');
    await page.keyboard.press(keys);
    await expect(palette(page)).toHaveCount(0);
    await expect(page.getByTestId('nav-providers')).toBeFocused();
  }
  await page.getByTestId('nav-chat').focus();
  await page.keyboard.press('Control+l');
  await openPalette(page);
  await expect(page.getByTestId('model-picker')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('model-chip')).toBeFocused();
});

test('the shortcuts are listed at a question mark, which stays a letter in fields', async ({
  page,
  open,
}) => {
  await open('scene=chat');
  await expect(page.getByTestId('composer')).toBeFocused();
  await page.keyboard.type('really?');
  await expect(page.getByTestId('composer')).toHaveValue('really?');
  await page.getByTestId('nav-chat').focus();
  await page.keyboard.press('?');
  const help = page.getByTestId('shortcut-help');
  await expect(help).toContainText('Command palette'.toLowerCase());
  await expect(help.locator('div', { hasText: /^Choose a model/ }).locator('kbd')).toHaveText('Ctrl L');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('nav-chat')).toBeFocused();
});

test('keys are chosen anew, conflicts are named, and everything can be reset', async ({ page, open }) => {
  await open('scene=chat');
  await page.keyboard.press('Control+,');
  await page.getByTestId('settings-page-shortcuts').click();
  const keys = (action: string) => page.locator(`[data-action="${action}"]`);
  await keys('chat.new').click();
  await expect(keys('chat.new')).toHaveText('Press the keys');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Enter is needed in lists and fields.');
  await page.keyboard.press('Control+l');
  await expect(page.getByRole('alert')).toContainText('Ctrl L already means “Choose a model”.');
  await expect(page.getByTestId('model-picker')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(keys('chat.new')).toHaveText('Ctrl N');
  await keys('chat.new').click();
  await page.keyboard.press('Control+l');
  await page.getByRole('button', { name: 'Use it here instead' }).click();
  await expect(keys('chat.new')).toHaveText('Ctrl L');
  await expect(keys('model.choose')).toHaveText('none');
  await page.keyboard.press('Control+l');
  await expect(page.getByTestId('composer')).toBeFocused();
  await expect(page.getByTestId('model-picker')).toHaveCount(0);
  await openPalette(page, '>new chat');
  await expect(active(page).locator('kbd')).toHaveText('Ctrl L');
  await page.keyboard.press('Alt+Enter');
  await expect(keys('chat.new')).toHaveText('Press the keys');
  await page.keyboard.press('Backspace');
  await expect(keys('chat.new')).toHaveText('none');
  await expect(keys('model.choose')).toHaveText('Ctrl L');
  await page.getByTestId('reset-shortcuts').click();
  await expect(keys('chat.new')).toHaveText('Ctrl N');
  await expect(page.getByTestId('reset-shortcuts')).toBeDisabled();
});

test('answers are written again, copied and undone by keys', async ({ page, open, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open('scene=chat&pace=2');
  await chatNamed(page, 'Batching').click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'interrupted');
  await page.keyboard.press('Control+Shift+R');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await page.keyboard.press('Control+Shift+C');
  await expect(page.getByTestId('toast')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('You asked');
  await openPalette(page, 'delete this');
  await page.keyboard.press('Enter');
  await expect(chatNamed(page, 'Batching')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(chatNamed(page, 'Batching')).toHaveCount(1);
});

test('the page is drawn larger and smaller by keys, and says so', async ({ page, open }) => {
  await open('scene=chat');
  await page.keyboard.press('Control+=');
  await expect(page.getByTestId('announcer')).toHaveText('Size 110 %');
  await page.keyboard.press('Control+-');
  await page.keyboard.press('Control+-');
  await expect(page.getByTestId('announcer')).toHaveText('Size 90 %');
  await page.keyboard.press('Control+0');
  await expect(page.getByTestId('announcer')).toHaveText('Size 100 %');
});

const screens: [name: string, way: (page: Page) => Promise<void>][] = [
  ['the palette', (page) => openPalette(page, 'the')],
  [
    'the help',
    async (page) => {
      await page.getByTestId('nav-chat').focus();
      await page.keyboard.press('?');
      await expect(page.getByTestId('shortcut-help')).toBeVisible();
    },
  ],
  [
    'the shortcuts in settings',
    async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByTestId('settings-page-shortcuts').click();
      await page.locator('[data-action="chat.new"]').click();
      await page.keyboard.press('Control+l');
      await expect(page.getByRole('alert')).toBeVisible();
    },
  ],
];

for (const theme of ['light', 'dark']) {
  for (const [name, way] of screens) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`scene=chat&theme=${theme}`);
      await way(page);
      expect(await axeFindings(page)).toEqual([]);
      await page.setViewportSize({ width: 720, height: 560 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720);
    });
  }
}
