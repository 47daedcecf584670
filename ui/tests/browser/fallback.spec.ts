import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, lastAnswer, test, windows } from './page';

const CHAT = 'Batching on a route';

async function openOld(page: Page) {
  await chatNamed(page, CHAT).click();
  await expect(lastAnswer(page)).toBeVisible();
}

async function onRoute(page: Page) {
  await page.getByTestId('model-chip').click();
  await page.getByRole('dialog', { name: 'Choose a model' }).getByRole('combobox').fill('careful');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toHaveAccessibleName('Route: Careful, 4 providers');
}

async function ask(page: Page, words: string) {
  await page.getByTestId('composer').fill(words);
  await page.getByTestId('composer').press('Enter');
  await expect(lastAnswer(page)).toBeVisible();
}

test('a route is chosen from the picker, which says whom it asks', async ({ page, open }) => {
  await open('scene=fallback');
  await page.getByTestId('model-chip').click();
  const picker = page.getByRole('dialog', { name: 'Choose a model' });
  const routes = picker.getByTestId('route-option');
  await expect(routes.first()).toHaveAccessibleName(/^Route Careful, Priority: Anthropic, OpenRouter/);
  await routes.first().hover();
  await expect(picker.getByTestId('route-detail')).toContainText(
    'Each is asked up to 2 times before the next.',
  );
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('model-chip')).toHaveText(/Careful\s*4 providers/);
});

test('a model that several offer can be asked of all, in the order of the person', async ({ page, open }) => {
  await open('scene=fallback');
  await page.getByTestId('model-chip').click();
  const picker = page.getByRole('dialog', { name: 'Choose a model' });
  await picker.getByRole('combobox').fill('gpt-5.4');
  await picker.locator('[data-model="gpt-5.4"][data-provider="p-openai"]').hover();
  await picker.getByTestId('in-my-order').click();
  await expect(page.getByTestId('model-chip')).toHaveAccessibleName(
    'Route: In my order, gpt-5.4, 3 providers',
  );
});

test('while one fails, one line says who is asked in its place, and it is read out once', async ({
  page,
  open,
}) => {
  await open('scene=fallback&pace=20&seam=1');
  await onRoute(page);
  await ask(page, 'Who answers?');
  const answer = lastAnswer(page);
  await expect(page.getByTestId('waiting')).toHaveText(
    /Trying Anthropic again in \d s, try 2 of 2: overloaded \(529\)/,
  );
  await expect(page.getByTestId('announcer')).toHaveText(
    /^Anthropic is overloaded \(529\)\. Trying again in \d s, try 2 of 2\.$/,
  );
  await expect(answer.getByTestId('taking-over')).toHaveText(
    'Anthropic is overloaded (529), trying OpenRouter',
  );
  await expect(page.getByTestId('announcer')).toHaveText('Anthropic is overloaded (529), trying OpenRouter');
  await expect(answer.getByTestId('joint')).toHaveText(
    'continued by OpenAI, gpt-5.4, after OpenRouter stopped',
  );
  await expect(answer).toHaveAttribute('data-status', 'complete');
  await expect(answer.getByTestId('taking-over')).toHaveCount(0);
  await expect(answer.getByTestId('attempts-badge')).toHaveText('after 2 fallbacks');
  await expect(answer.locator('header').first()).toContainText('Route: Careful');
});

test('an answer that is made anew is there while it runs, and the text before it stays as a version', async ({
  page,
  open,
}) => {
  await open('scene=fallback&pace=20&seam=anew');
  await onRoute(page);
  await ask(page, 'Who answers?');
  const answer = lastAnswer(page);
  await expect(answer.locator('header').first()).toContainText('OpenAI');
  await expect(answer).toHaveAttribute('data-status', 'streaming');
  await expect(page.getByTestId('announcer')).toHaveText(
    /^Cut off, 16 words kept\. .* It is answered anew\.$/,
  );
  await expect(answer).toHaveAttribute('data-status', 'complete');
  await expect(page.getByTestId('message-assistant')).toHaveCount(1);
  await answer.getByRole('button', { name: 'Older version' }).click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'interrupted');
});

test('waiting for another try can be stopped at once', async ({ page, open }) => {
  await open('scene=fallback&pace=20');
  await onRoute(page);
  await ask(page, 'Who answers?');
  await expect(page.getByTestId('waiting')).toContainText('try 2 of 2');
  await lastAnswer(page).getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByTestId('waiting')).toHaveCount(0);
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'cancelled');
});

test('the badge opens every attempt, with its cause and who was passed over', async ({ page, open }) => {
  await open('scene=fallback');
  await openOld(page);
  const badges = page.getByTestId('attempts-badge');
  await badges.first().click();
  const list = page.getByRole('dialog', { name: '3 attempts' });
  const rows = list.getByTestId('attempt');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(0)).toContainText(/Anthropic is overloaded \(529\)\.\s*Not billed\./);
  await expect(rows.nth(1)).toContainText('Tried again at');
  await expect(rows.nth(2)).toContainText(/Answered\..*reported/);
  await expect(list).toContainText('4.1 s before the first word');
  await page.keyboard.press('Escape');
  await badges.nth(1).click();
  const skipped = page.getByRole('dialog', { name: '2 attempts' }).getByTestId('skipped');
  await expect(skipped).toHaveText([
    /Anthropic failed too often and rests until \d\d:\d\d: overloaded \(529\)\./,
    /OpenRouter is at the limit you set for it\./,
  ]);
  await page.getByTestId('open-route').click();
  await expect(page.getByRole('heading', { name: 'Careful' })).toBeVisible();
});

test('a kept answer says so, a seam stays out of what is copied, a cut answer goes on with the next', async ({
  page,
  open,
}) => {
  await open('scene=fallback');
  await openOld(page);
  await expect(page.getByTestId('cached')).toHaveText('cached, saved $0.0156');
  await expect(page.getByTestId('joint')).toHaveText(
    'continued by OpenAI, gpt-5.1, after Groq stopped. Words that it repeated are left out.',
  );
  const copied = await page.getByTestId('joint').evaluate((joint) => {
    const range = document.createRange();
    range.selectNodeContents(joint.closest('article') as Node);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
    return getSelection()?.toString() ?? '';
  });
  expect(copied).toContain('for ten minutes');
  expect(copied).not.toContain('continued by');
  await expect(lastAnswer(page).getByTestId('continue')).toHaveText('Continue with the next');
});

test('a route that cannot ask anybody says why for each', async ({ page, open }) => {
  await open('scene=fallback&nobody=1');
  await onRoute(page);
  await page.getByTestId('composer').fill('Anybody?');
  await page.getByTestId('composer').press('Enter');
  await expect(page.getByTestId('error')).toHaveText(
    /Nobody could be asked\. Anthropic failed too often and rests until .*\. OpenAI has no key that can be used\. Groq reads less than this chat holds\./,
  );
  await expect(page.getByTestId('composer')).toHaveValue('Anybody?');
});

test('a chat with a model keeps the route to use where that fails', async ({ page, open }) => {
  await open('scene=fallback');
  await chatNamed(page, 'Batching and tail latency').click();
  await page.getByTestId('open-parameters').click();
  const choice = page.getByTestId('chat-fallback');
  await choice.selectOption({ label: 'Careful' });
  await expect(page.getByTestId('announcer')).toHaveText('Careful is asked when this model fails.');
  await expect(choice).toHaveValue('route-careful');
  await chatNamed(page, CHAT).click();
  await page.getByTestId('open-parameters').click();
  await expect(page.getByTestId('parameters')).toBeVisible();
  await expect(choice).toHaveCount(0);
});

test('a chat that is not begun takes the route to use along with its first message', async ({
  page,
  open,
}) => {
  await open('scene=fallback&pace=2');
  const choice = page.getByTestId('chat-fallback');
  await page.getByTestId('open-parameters').click();
  await choice.selectOption({ label: 'Careful' });
  await expect(page.getByTestId('announcer')).toHaveText('Careful is asked when this model fails.');
  await chatNamed(page, 'Batching and tail latency').click();
  await page.getByTestId('open-parameters').click();
  await expect(choice).toHaveValue('');
  await page.keyboard.press('Escape');
  // What was begun is still there.
  await page.keyboard.press('Control+n');
  await page.getByTestId('open-parameters').click();
  await expect(choice).toHaveValue('route-careful');
  await page.keyboard.press('Escape');
  await ask(page, 'Who answers?');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await chatNamed(page, CHAT).click();
  await chatNamed(page, 'Who answers?').click();
  await page.getByTestId('open-parameters').click();
  await expect(choice).toHaveValue('route-careful');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+n');
  await page.getByTestId('open-parameters').click();
  await expect(choice).toHaveValue('');
});

test('what rests shows on the page of its provider, and can be tried again at once', async ({
  page,
  open,
}) => {
  await open('scene=fallback');
  await page
    .getByRole('link', { name: 'Providers' })
    .or(page.getByRole('button', { name: 'Providers' }))
    .first()
    .click();
  await page.getByTestId('provider-item').filter({ hasText: 'Anthropic' }).click();
  const rows = page.getByTestId('circuits').getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText(
    /Rests until \d\d:\d\d: overloaded \(529\), model claude-sonnet-4-5/,
  );
  await rows.first().getByRole('button', { name: 'Try again now' }).click();
  await expect(rows).toHaveCount(1);
});

test('twelve attempts with long names stay within the smallest window', async ({ page, open }) => {
  const [, , [width, height]] = windows;
  await page.setViewportSize({ width, height });
  await open('scene=fallback');
  await page.getByRole('button', { name: 'Show chats' }).click();
  await chatNamed(page, 'Many tries').click();
  await page.getByTestId('attempts-badge').click();
  const list = page.getByRole('dialog', { name: '12 attempts' });
  const rows = list.getByTestId('attempt');
  await expect(rows).toHaveCount(12);
  expect(await axeFindings(page, { without: ['heading-order'], within: '.pop' })).toEqual([]);
  await list.getByRole('list').focus();
  await page.keyboard.press('End');
  await expect(rows.last()).toBeInViewport({ ratio: 0.9 });
  const box = await list.boundingBox();
  if (!box) throw new Error('the list is not drawn');
  expect(box.x + box.width).toBeLessThanOrEqual(width);
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.y + box.height).toBeLessThanOrEqual(height);
  const sideways = await list.evaluate((element) =>
    [...element.querySelectorAll('ol, li, .foot')].filter((part) => part.scrollWidth > part.clientWidth),
  );
  expect(sideways).toEqual([]);
  // Beside the longest name, a time stays on one line.
  expect((await rows.first().getByText('1.1 s').boundingBox())?.height).toBeLessThan(24);
});

for (const theme of ['light', 'dark']) {
  test(`nothing of it is out of reach, ${theme}`, async ({ page, open }) => {
    await open(`scene=fallback&theme=${theme}`);
    await openOld(page);
    await page.getByTestId('attempts-badge').nth(1).click();
    expect(await axeFindings(page, { without: ['heading-order'], within: '.pop' })).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('model-chip').click();
    await expect(page.getByTestId('route-detail')).toBeVisible();
    expect(await axeFindings(page, { without: ['heading-order'], within: '.pop' })).toEqual([]);
  });
}
