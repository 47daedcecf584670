import type { Page } from '@playwright/test';
import { axeFindings, expect, test, windows } from './page';

const field = (page: Page) => page.getByRole('combobox', { name: 'Model or provider' });
const active = (page: Page) => page.locator('[data-testid="model-option"][data-active]');
const option = (page: Page, model: string) =>
  page.locator(`[data-testid="model-option"][data-model="${model}"]`);
const heads = (page: Page) => page.getByRole('listbox').getByRole('group');

async function openPicker(page: Page) {
  await page.keyboard.press('Control+l');
  await expect(field(page)).toBeFocused();
}

test('the picker works by keyboard alone', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  await openPicker(page);
  await expect(page.getByRole('option', { selected: true })).toHaveAttribute('data-model', 'gpt-5.4-mini');
  await expect(active(page)).toHaveAttribute('data-model', 'gpt-5.4-mini');
  await page.keyboard.press('ArrowDown');
  await expect(active(page)).toHaveAttribute('data-model', 'gpt-5.6');
  expect(await field(page).getAttribute('aria-activedescendant')).toBe(await active(page).getAttribute('id'));
  await page.keyboard.press('End');
  await expect(active(page)).toHaveAttribute('data-provider', 'p-work');
  await page.keyboard.press('Home');
  await expect(active(page)).toHaveAttribute('data-model', 'gpt-5.4-mini');
  await page.keyboard.press('PageDown');
  await expect(active(page)).toHaveAttribute('data-provider', 'p-lm');
  await page.keyboard.type('llama');
  await expect(active(page)).toHaveAttribute('data-model', 'llama-3.3-70b-versatile');
  await expect(active(page)).toHaveAccessibleName(
    /Llama 3\.3 70B, Groq, 131k tokens of context, 0\.59 dollars in and 0\.79 out/,
  );
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toContainText('Llama 3.3 70B');
  await expect(page.getByTestId('composer')).toBeFocused();
  await openPicker(page);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('model-picker')).toHaveCount(0);
  await expect(page.getByTestId('model-chip')).toBeFocused();
});

test('a model no list knows can be used by its name', async ({ page, open }) => {
  await open('scene=chat');
  await openPicker(page);
  await page.keyboard.type('my-own-finetune');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toContainText('my-own-finetune');
});

test('favourites and what was used lately stand first, and stay', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await openPicker(page);
  await expect(heads(page).first()).toHaveAccessibleName('Used lately');
  await page.keyboard.type('nano');
  await page.keyboard.press('Control+d');
  await expect(page.getByTestId('announcer')).toHaveText('GPT-5.4 nano is a favourite now.');
  await field(page).fill('');
  await expect(heads(page).first()).toHaveAccessibleName('Favourites');
  await expect(heads(page).first().getByRole('option')).toHaveAttribute('data-model', 'gpt-5.4-nano');
  await expect(option(page, 'gpt-5.4-nano')).toHaveCount(1);
  await option(page, 'llama-3.3-70b-versatile').click();
  await page.getByTestId('composer').fill('Hello');
  await page.keyboard.press('Enter');
  await openPicker(page);
  const lately = heads(page).filter({ has: page.locator('[data-model="gpt-5.4-mini"]') });
  await expect(lately).toHaveAccessibleName('Used lately');
  await expect(lately.getByRole('option').first()).toHaveAttribute('data-model', 'llama-3.3-70b-versatile');
  await option(page, 'gpt-5.4-nano').getByTestId('favourite').click();
  await expect(heads(page).first()).toHaveAccessibleName('Used lately');
});

test('what cannot be used stands last, says why, and leads to the way out', async ({ page, open }) => {
  await open('scene=chat');
  await openPicker(page);
  await expect(heads(page).last()).toHaveAccessibleName('Not usable now');
  await page.keyboard.press('End');
  await expect(active(page)).toContainText('Its key was for one session. Add it again');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('OpenAI, work');
});

test('Alt Enter leads to the settings of the provider', async ({ page, open }) => {
  await open('scene=chat');
  await openPicker(page);
  await page.keyboard.type('groq');
  await page.keyboard.press('Alt+Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Groq');
});

test('by model, one line opens to all who offer it, by keyboard', async ({ page, open }) => {
  await open('scene=models');
  await openPicker(page);
  await page.getByTestId('by-model').click();
  await field(page).focus();
  await page.keyboard.type('sonnet 4.5');
  await expect(active(page)).toHaveAccessibleName(/Claude Sonnet 4\.5, 2 providers, Enter shows them/);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('model-option')).toHaveCount(3);
  await expect(active(page)).toHaveAccessibleName(/Enter hides them/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(active(page)).toHaveAttribute('data-model', 'anthropic/claude-sonnet-4.5');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toContainText('OpenRouter');
  await openPicker(page);
  await expect(page.getByTestId('by-model')).toHaveAttribute('aria-checked', 'true');
  await expect(active(page)).toHaveAccessibleName(/Claude Sonnet 4\.5, 2 providers/);
});

test('the filter leaves what has every ability, and says so when nothing is left', async ({ page, open }) => {
  await open('scene=models');
  await openPicker(page);
  await page.getByTestId('picker-filter').click();
  const filters = page.getByTestId('picker-filters');
  await filters.getByRole('button', { name: 'Images' }).click();
  await filters.getByRole('button', { name: 'Reasoning' }).click();
  await expect(option(page, 'gpt-5.4').first()).toHaveAttribute('data-provider', 'p-openai');
  await expect(option(page, 'gpt-5.4-mini')).toHaveCount(0);
  await filters.getByLabel('Context').selectOption('1000000');
  await expect(option(page, 'claude-opus-4-5')).toHaveCount(0);
  await filters.getByRole('button', { name: 'No charge' }).click();
  await expect(page.getByText('The filter leaves nothing. It makes 4 demands.')).toBeVisible();
  await page.getByRole('listbox').locator('..').getByRole('button', { name: 'Clear the filter' }).click();
  await expect(option(page, 'gpt-5.4-mini')).toHaveCount(1);
});

test('the pane at the right tells what a row has no room for', async ({ page, open }) => {
  await open('scene=models');
  await openPicker(page);
  await page.keyboard.type('claude-sonnet');
  const pane = page.getByRole('complementary', { name: 'Claude Sonnet 4.5' });
  await expect(pane).toContainText(/Longest answer\s+64k/);
  await expect(pane).toContainText(/First token here\s+0\.92 s/);
  await expect(pane).toContainText('Anthropic is overloaded (529).');
  await expect(pane.getByTestId('also-offered')).toContainText(/OpenRouter\s+3\.00 \/ 15\.00/);
  await page.setViewportSize({ width: 1024, height: 700 });
  await expect(pane).toBeHidden();
});

test('two thousand models are a window of rows', async ({ page, open }) => {
  await open('scene=models');
  await openPicker(page);
  await expect(page.getByText(/^2,0\d\d models$/)).toBeVisible();
  const rows = page.getByTestId('model-option');
  expect(await rows.count()).toBeLessThan(60);
  await page.keyboard.press('End');
  await expect(active(page)).toBeInViewport();
  expect(await rows.count()).toBeLessThan(60);
  const last = await active(page).getAttribute('aria-posinset');
  expect(last).toBe(await active(page).getAttribute('aria-setsize'));
  await field(page).fill('model-1234');
  await expect(active(page)).toHaveAttribute('data-model', 'lab-34/model-1234');
});

for (const theme of ['light', 'dark']) {
  for (const view of ['provider', 'model']) {
    test(`the picker by ${view} in ${theme} passes axe`, async ({ page, open }) => {
      await open(`scene=models&theme=${theme}`);
      await openPicker(page);
      await page.getByTestId(`by-${view}`).click();
      await page.getByTestId('picker-filter').click();
      expect(await axeFindings(page, { within: '.pop.picker' })).toEqual([]);
    });
  }
}

test('the picker stays in the window, and the window does not scroll', async ({ page, open }) => {
  await open('scene=models');
  await openPicker(page);
  await page.getByTestId('picker-filter').click();
  for (const [width, height] of windows) {
    await page.setViewportSize({ width, height });
    const out = await page.evaluate(() =>
      [...document.querySelectorAll('.pop.picker button, .pop.picker input, [role="option"]')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120)),
    );
    expect(out).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(height);
  }
});
