import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, test } from './page';

const rows = (page: Page) => page.getByTestId('chat-item');
const undo = (page: Page) => page.getByRole('button', { name: 'Undo' });
const bar = (page: Page) => page.getByTestId('selection-bar');

async function passes(page: Page) {
  expect(await axeFindings(page)).toEqual([]);
}

test('only the rows in sight are drawn, all are reached, and the list is one tab stop', async ({
  page,
  open,
}) => {
  await open('scene=many&chats=600');
  expect(await rows(page).count()).toBeLessThan(60);
  expect(
    await rows(page).evaluateAll((all) => all.filter((row) => (row as HTMLElement).tabIndex === 0).length),
  ).toBe(1);
  await rows(page).first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows(page).nth(1)).toBeFocused();
  const list = page.getByTestId('chat-rows');
  // Each press goes to the end of what is loaded, which loads more.
  await expect(async () => {
    await page.keyboard.press('End');
    await expect(page.locator(':focus')).toContainText('Chat number 600', { timeout: 50 });
  }).toPass({ intervals: [20] });
  expect(await rows(page).count()).toBeLessThan(60);
  await list.evaluate((box) => (box.scrollTop = 0));
  await expect(rows(page).first()).toHaveText(/Batching/);
  // The row with the focus is kept, wherever it is.
  await expect(page.locator(':focus')).toContainText('Chat number 600');
  await page.keyboard.press('Home');
  await expect(rows(page).first()).toBeFocused();
});

test('several are chosen with the keys, archived at once and brought back', async ({ page, open }) => {
  await open('scene=chat');
  const before = await rows(page).allTextContents();
  await chatNamed(page, 'Names for the export').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(bar(page)).toContainText('3 selected');
  await chatNamed(page, 'Contract clause').click({ modifiers: ['Control'] });
  await expect(bar(page)).toContainText('4 selected');
  await expect(page.getByRole('row', { selected: true })).toHaveCount(4);
  await bar(page).getByRole('button', { name: 'Archive' }).click();
  await expect(bar(page)).toHaveCount(0);
  await expect(page.getByTestId('toast')).toContainText('Archived 4 chats.');
  await expect(rows(page)).toHaveCount(before.length - 4);
  await page.getByTestId('open-archive').click();
  await expect(rows(page)).toHaveCount(4);
  await undo(page).click();
  await expect(rows(page)).toHaveCount(0);
  await expect(page.getByTestId('chat-list')).toContainText('Nothing is archived.');
  await page.getByTestId('shelf-back').click();
  expect(await rows(page).allTextContents()).toEqual(before);
});

test('all means all, also those below what is loaded, and Escape lets go', async ({ page, open }) => {
  await open('scene=many&chats=400');
  await rows(page).first().focus();
  await page.keyboard.press('Control+a');
  await expect(bar(page)).toContainText('415 selected');
  await page.keyboard.press('Control+ ');
  await expect(bar(page)).toContainText('414 selected');
  await page.keyboard.press('Escape');
  await expect(bar(page)).toHaveCount(0);
  await expect(rows(page).first()).toBeFocused();
  await rows(page)
    .nth(2)
    .click({ modifiers: ['Shift'] });
  await expect(bar(page)).toContainText('3 selected');
});

test('a chat is pinned above the list and let go again', async ({ page, open }) => {
  await open('scene=chat');
  const row = chatNamed(page, 'Kubernetes');
  await row.hover();
  await page.getByRole('button', { name: 'Pin Kubernetes probe timings' }).click();
  await expect(page.getByRole('rowheader').first()).toHaveText('Pinned');
  await expect(rows(page).first()).toContainText('Kubernetes');
  await undo(page).click();
  await expect(page.getByRole('rowheader').first()).toHaveText('Today');
  await row.focus();
  await page.keyboard.press('Shift+F10');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(rows(page).first()).toContainText('Kubernetes');
});

test('deleting keeps the place, a name is undone, and the open chat comes back', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Trip to Porto').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trip to Porto, four days');
  await chatNamed(page, 'Trip to Porto').focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('Porto');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Porto');
  await undo(page).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trip to Porto, four days');
  await chatNamed(page, 'Trip to Porto').focus();
  await page.keyboard.press('Delete');
  await expect(chatNamed(page, 'Trip to Porto')).toHaveCount(0);
  await expect(chatNamed(page, 'borrow checker')).toBeFocused();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New chat');
  await undo(page).click();
  await expect(chatNamed(page, 'Trip to Porto')).toHaveAttribute('aria-current', 'true');
});

test('a name is given in the drawer, and the drawer stays', async ({ page, open }) => {
  await page.setViewportSize({ width: 1024, height: 700 });
  await open('scene=chat');
  await page.getByRole('button', { name: 'Show chats' }).click();
  await chatNamed(page, 'Names for the export').focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('שם ארוך מימין לשמאל');
  await page.keyboard.press('Enter');
  await expect(chatNamed(page, 'שם ארוך')).toBeFocused();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New chat');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('שם ארוך מימין לשמאל');
  await expect(page.getByTestId('chat-list')).toHaveCount(0);
});

test('the trash gives back, and asks before it deletes for good', async ({ page, open }) => {
  await open('scene=chat');
  await page.getByTestId('open-trash').click();
  await expect(page.getByTestId('chat-list')).toContainText('The trash is empty.');
  await page.getByTestId('shelf-back').click();
  for (const title of ['Regex for ISO', 'Contract clause', 'Local models']) {
    await chatNamed(page, title).focus();
    await page.keyboard.press('Delete');
    await expect(chatNamed(page, title)).toHaveCount(0);
  }
  await page.getByTestId('open-trash').click();
  await expect(rows(page)).toHaveCount(3);
  await chatNamed(page, 'Contract clause').hover();
  await page.getByRole('button', { name: 'Restore Contract clause 7.2' }).click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByTestId('empty-trash').click();
  const ask = page.getByRole('dialog', { name: 'Delete 2 chats for good?' });
  await expect(ask.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(rows(page)).toHaveCount(2);
  await chatNamed(page, 'Regex').focus();
  await page.keyboard.press('Delete');
  await page.getByTestId('purge').click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByTestId('empty-trash').click();
  await expect(page.getByRole('dialog')).toHaveAccessibleName('Delete 1 chat for good?');
  await page.getByTestId('purge').click();
  await expect(page.getByTestId('chat-list')).toContainText('The trash is empty.');
  await page.getByTestId('shelf-back').click();
  await expect(chatNamed(page, 'Contract clause')).toBeVisible();
  await expect(chatNamed(page, 'Regex')).toHaveCount(0);
});

test('a page that cannot be read is said and asked for again', async ({ page, open }) => {
  await open('scene=many&lists=fail-once');
  await page.getByTestId('chat-rows').evaluate((box) => (box.scrollTop = box.scrollHeight));
  await expect(page.getByRole('alert')).toContainText('The list could not be read.');
  const lines = async () => Number(await page.getByRole('grid').getAttribute('aria-rowcount'));
  const before = await lines();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(await lines()).toBeGreaterThanOrEqual(before + 50);
});

test('the field over the list opens the palette, which finds titles', async ({ page, open }) => {
  await open('scene=many');
  await page.getByTestId('chat-search').click();
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await page.keyboard.type('Batching');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Batching and tail latency');
});

for (const theme of ['light', 'dark']) {
  test(`the list, a selection and the trash in ${theme} pass axe`, async ({ page, open }) => {
    await open(`scene=chat&theme=${theme}`);
    await chatNamed(page, 'Kubernetes').focus();
    await passes(page);
    await page.keyboard.press('Control+ ');
    await page.keyboard.press('Shift+ArrowDown');
    await passes(page);
    await page.keyboard.press('Delete');
    await page.getByTestId('open-trash').click();
    await expect(rows(page)).toHaveCount(2);
    await passes(page);
    await page.getByTestId('empty-trash').click();
    await expect(page.getByTestId('purge-dialog')).toBeVisible();
    await passes(page);
  });
}
