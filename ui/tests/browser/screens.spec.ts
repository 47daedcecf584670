import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { chatNamed, expect, test } from './page';

test('the picker works by keyboard alone', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  await page.keyboard.press('Control+l');
  const search = page.getByRole('combobox');
  await expect(search).toBeFocused();
  await expect(page.getByTestId('model-option').filter({ has: page.locator('[aria-selected]') })).toHaveCount(
    0,
  );
  await expect(page.getByRole('option', { selected: true })).toHaveAttribute('data-model', 'gpt-5.4-mini');
  await page.keyboard.press('ArrowDown');
  const active = page.locator('[data-active]');
  await expect(active).toHaveAttribute('data-model', 'gpt-5.4-nano');
  expect(await search.getAttribute('aria-activedescendant')).toBe(await active.getAttribute('id'));
  await page.keyboard.type('llama');
  await expect(active).toHaveAttribute('data-model', 'llama-3.3-70b-versatile');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toContainText('Llama 3.3 70B');
  await expect(page.getByTestId('composer')).toBeFocused();
  await page.keyboard.press('Control+l');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('model-picker')).toHaveCount(0);
  await expect(page.getByTestId('model-chip')).toBeFocused();
});

test('a model no list knows can be used by its name', async ({ page, open }) => {
  await open('scene=chat');
  await page.keyboard.press('Control+l');
  await page.keyboard.type('my-own-finetune');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toContainText('my-own-finetune');
});

test('a provider is added, checked, changed and removed', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('add-provider').click();
  await page.getByTestId('provider-vendor').selectOption('openai-compatible');
  await page.getByTestId('provider-save').click();
  await expect(page.getByText('Fill this in.')).toBeVisible();
  await page.getByTestId('provider-name').fill('Lab');
  await page.getByTestId('provider-url').fill('not an address');
  await page.getByTestId('provider-save').click();
  await expect(page.getByTestId('provider-url')).toHaveAttribute('aria-invalid', 'true');
  await page.getByTestId('provider-url').fill('http://127.0.0.1:9/v1');
  await page.getByTestId('provider-key').fill('sk-a-long-enough-key-1234');
  await page.getByTestId('provider-save').click();
  await expect(page.getByTestId('provider-check-result')).toHaveAttribute('data-ok', 'true');
  await expect(page.getByText('••••••••••••1234')).toBeVisible();
  expect(await page.content()).not.toContain('sk-a-long-enough');
  await page.getByTestId('provider-check').click();
  await expect(page.getByTestId('provider-check-result')).toContainText('6 models found');
  await expect(page.getByRole('row', { name: /gpt-5\.4-mini/ })).toBeVisible();
  await page.getByRole('switch', { name: 'Use Lab' }).click();
  await expect(page.getByTestId('provider-item')).toContainText('Off');
  await page.getByRole('button', { name: 'Remove provider' }).click();
  await page.getByRole('button', { name: 'Remove provider' }).click();
  await expect(page.getByTestId('provider-item')).toHaveCount(0);
});

test('the first run connects a provider and starts', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await expect(page.getByTestId('start-chatting')).toBeDisabled();
  await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
  await expect(page.getByText('OPENAI_API_KEY')).toBeVisible();
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.getByTestId('provider-save').click();
  await expect(page.getByTestId('provider-check-result')).toHaveAttribute('data-ok', 'true');
  await page.getByTestId('start-chatting').click();
  await expect(page.getByTestId('composer')).toBeFocused();
  await expect(page.getByTestId('model-chip')).toContainText('OpenAI');
});

test('the first run can be skipped', async ({ page, open }) => {
  await open('scene=first-run');
  await page.getByTestId('skip-onboarding').click();
  await expect(page.getByTestId('composer')).toBeVisible();
  await expect(page.getByText('Connect a model to begin')).toBeVisible();
});

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
  ['first run', 'scene=first-run', null],
  ['empty', 'scene=empty', null],
] as const;

// The headings in an answer are the model's; their order is not ours to choose.
const axe = (page: Page) => new AxeBuilder({ page }).disableRules(['heading-order']).analyze();

for (const theme of ['light', 'dark']) {
  for (const [name, query, title] of scenes) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`${query}&theme=${theme}`);
      if (title) await chatNamed(page, title).click();
      if (title) await expect(page.getByTestId('message-assistant').last()).toBeVisible();
      const { violations } = await axe(page);
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`),
      ).toEqual([]);
      for (const [width, height] of [
        [1440, 900],
        [1024, 700],
        [720, 560],
      ] as const) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
    });
  }
  test(`the picker in ${theme} passes axe`, async ({ page, open }) => {
    await open(`scene=chat&theme=${theme}`);
    await page.keyboard.press('Control+l');
    await expect(page.getByRole('combobox')).toBeFocused();
    const { violations } = await axe(page);
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`),
    ).toEqual([]);
  });
  for (const screen of ['providers', 'settings']) {
    test(`${screen} in ${theme} passes axe`, async ({ page, open }) => {
      await open(`scene=chat&theme=${theme}`);
      await page.getByTestId(`nav-${screen}`).click();
      const { violations } = await axe(page);
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`),
      ).toEqual([]);
    });
  }
}
