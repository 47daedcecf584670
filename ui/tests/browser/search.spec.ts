import type { Page } from '@playwright/test';
import { axeFindings, expect, test } from './page';

const field = (page: Page) => page.getByTestId('search-field');
const hits = (page: Page) => page.getByTestId('search-hit');
const chosen = (page: Page) => page.locator('[role="option"][aria-selected="true"]');

async function search(page: Page, text: string) {
  await page.keyboard.press('Control+Shift+F');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type(text);
}

test('words are found while they are typed, marked, and grouped by chat', async ({ page, open }) => {
  await open('scene=chat');
  await search(page, 'queue p99');
  await expect(page.getByTestId('search-count')).toHaveText('2 hits in 1 chat, 12 ms');
  await expect(hits(page)).toHaveCount(2);
  await expect(hits(page).first().locator('mark').first()).toHaveText('p99');
  await expect(page.getByTestId('search-preview')).toContainText('Batching raises');
  const marked = await page.evaluate(() => [...(CSS.highlights.get('search-hit') ?? [])].map(String));
  expect(new Set(marked.map((word) => word.toLowerCase()))).toEqual(new Set(['p99', 'queue']));
});

test('the arrow keys move through the hits and Enter opens the chat at the message', async ({
  page,
  open,
}) => {
  await open('scene=chat');
  await page.getByTestId('chat-item').filter({ hasText: 'Trip to Porto' }).click();
  await search(page, 'the');
  await expect(chosen(page)).toHaveCount(1);
  const first = await chosen(page).getAttribute('data-message');
  await page.keyboard.press('ArrowDown');
  const second = await chosen(page).getAttribute('data-message');
  expect(second).not.toBe(first);
  expect(await field(page).getAttribute('aria-activedescendant')).toBe(await chosen(page).getAttribute('id'));
  const title = await page
    .locator('.group', { has: chosen(page) })
    .locator('b')
    .textContent();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title?.trim() ?? '');
  await expect(page.locator(`[role="log"] [data-message="${second}"]`)).toHaveCount(1);
  await page.keyboard.press('Control+Shift+F');
  await expect(field(page)).toHaveValue('the');
  await expect(hits(page).first()).toBeVisible();
});

test('a version that is not shown is opened with its branch', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await page.getByTestId('chat-item').filter({ hasText: 'Batching' }).click();
  await page
    .getByTestId('message-assistant')
    .last()
    .getByRole('button', { name: 'Retry', exact: true })
    .click();
  const again = page.getByTestId('message-assistant').last();
  await expect(again).toHaveAttribute('data-status', 'complete');
  await search(page, 'the same again');
  await expect(hits(page).first()).toBeVisible();
  await page.getByTestId('open-hit').click();
  await expect(page.getByTestId('message-assistant').last()).toContainText('the same again');
});

test('filters become chips, are dropped, and narrow from the side', async ({ page, open }) => {
  await open('scene=chat');
  await search(page, 'from:you has:image queue');
  const chips = page.getByTestId('search-chip');
  await expect(chips).toHaveText(['from:you', 'has:image']);
  await expect(field(page)).toHaveValue('queue');
  await expect(page.getByTestId('search-none')).toBeVisible();
  for (let left = 'queue'.length; left > 0; left -= 1) await page.keyboard.press('Backspace');
  await page.keyboard.type('the');
  await expect(page.getByTestId('search-none')).toContainText('has:image removed most');
  await page.getByRole('button', { name: 'Drop has:image' }).click();
  await expect(chips).toHaveText(['from:you']);
  await expect(hits(page).first()).toContainText('You');
  await page.locator('[data-filter="from:you"]').uncheck();
  await expect(chips).toHaveCount(0);
  await page.locator('[data-filter="provider:OpenAI"]').check();
  await expect(chips).toHaveText(['provider:OpenAI']);
  await expect(hits(page).first()).toContainText('gpt-5.4');
  await page.getByLabel('Last 7 days').check();
  await expect(chips).toHaveCount(2);
  await page.getByLabel('Any time').check();
  await expect(chips).toHaveCount(1);
  await field(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await expect(chips).toHaveCount(0);
  await expect(field(page)).toHaveValue('provider:OpenAI');
});

test('without words the recent chats stand there, and one is opened by keyboard', async ({ page, open }) => {
  await open('scene=chat');
  await search(page, '');
  await expect(page.getByTestId('search-recent').first()).toContainText('Batching');
  await page.keyboard.press('ArrowDown');
  const title = await chosen(page).locator('.trunc').textContent();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title ?? '');
});

test('a slow search says so, a failed one says why, and older messages are announced', async ({
  page,
  open,
}) => {
  await open('scene=chat&search=slow');
  await search(page, 'queue');
  await expect(page.getByTestId('search-count')).toHaveText('Searching');
  await expect(page.getByTestId('search-count')).toContainText('hits');
  await open('scene=chat&search=fail');
  await search(page, 'queue');
  await expect(page.getByTestId('error')).toContainText('The search failed.');
  await expect(page.getByTestId('error').getByRole('button', { name: 'Try again' })).toBeVisible();
  await open('scene=chat&search=indexing');
  await search(page, 'queue');
  await expect(page.getByText('12,400 of 41,000')).toBeVisible();
  await open('scene=chat&search=many');
  await search(page, 'the');
  await expect(page.getByTestId('search-count')).toContainText('more than 1,000 hits');
  await expect(page.getByText('the newest come first')).toBeVisible();
});

test('a chat in the trash is found when asked for, and comes back when opened', async ({ page, open }) => {
  await open('scene=chat');
  const row = page.getByTestId('chat-item').filter({ hasText: 'What went wrong' });
  await row.focus();
  await page.keyboard.press('Delete');
  await search(page, 'key');
  await expect(page.locator('.group', { hasText: 'What went wrong' })).toHaveCount(0);
  await page.locator('[data-filter="in:trash"]').check();
  await expect(page.locator('.group', { hasText: 'What went wrong' })).toContainText('trash');
  await page.getByRole('button', { name: 'Restore and open' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What went wrong');
  await expect(row).toBeVisible();
});

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 1024, 720]) {
    test(`the search fits and is accessible, ${theme}, ${width}`, async ({ page, open }) => {
      await page.setViewportSize({ width, height: 700 });
      await open(`scene=chat&theme=${theme}`);
      await search(page, 'has:code the');
      await expect(hits(page).first()).toBeVisible();
      if (width < 1200) await expect(page.getByTestId('search-preview')).toHaveCount(0);
      else await expect(page.getByTestId('search-preview')).toBeVisible();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(wide).toBe(false);
      if (width === 720) {
        await page.getByRole('button', { name: 'Narrow down' }).click();
        await expect(page.locator('[data-filter="has:code"]')).toBeChecked();
      }
      expect(await axeFindings(page)).toEqual([]);
    });
  }
}
