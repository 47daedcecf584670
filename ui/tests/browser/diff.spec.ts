import { expect, test, type Page } from '@playwright/test';
import { serveStage } from '../rendering/build';
import type { Stage } from '../rendering/stage.svelte';
import { axeFindings, chatNamed, test as inApp, windows } from './page';

declare global {
  interface Window {
    stage: Stage;
  }
}

test.describe.configure({ mode: 'default' });

let origin: string;
let close: () => void;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  ({ origin, close } = await serveStage('diff'));
});

test.afterAll(() => close());

const answers = [
  {
    id: 'a',
    label: 'claude-sonnet-4-5 (Anthropic)',
    text: [
      'Picture a customer tapping **Pay** on a train. The request goes out, the signal drops, and the phone never hears back.',
      'Without an idempotency key the server sees two payments. With one, it sees the same payment twice.',
      '```js\nconst key = crypto.randomUUID();\nawait pay({ key });\n```',
      'Three things to agree on with the team:\n- How long the server remembers a key. A day is common.\n- What happens when the same key arrives with a different amount.',
    ].join('\n\n'),
  },
  {
    id: 'b',
    label: 'llama-3.3-70b (Groq)',
    text: [
      'Picture a shopper tapping **Pay** on a train. The request goes out, the signal drops, and the app tries again.',
      'Without an idempotency key the server sees two payments. With one, it sees the same payment twice.',
      '```js\nconst key = crypto.randomUUID();\nawait pay({ amount, key });\n```',
      'Two things to agree on with the team:\n- How long the server remembers a key. A week is common.',
      'In short: same key, same result, no matter how many times it is sent.',
    ].join('\n\n'),
  },
  { id: 'c', label: 'gemini-2.5-pro (Google Gemini)', text: '' },
  { id: 'd', label: 'gpt-5.1 (OpenAI)', text: '<img src=x onerror="window.pwned=1"> & <b>Pay</b>' },
];

const text = (page: Page) => page.getByTestId('diff-text');
const count = (page: Page) => page.getByTestId('diff-count');

async function openDiff(page: Page, theme = 'light', given = answers, left?: string, right?: string) {
  const complaints: string[] = [];
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.addInitScript(() => Object.freeze(Object.prototype));
  await page.goto(`${origin}/?theme=${theme}`);
  await page.waitForFunction(() => window.stage);
  await page.evaluate(([all, one, other]) => window.stage.compare(all, one, other), [
    given,
    left,
    right,
  ] as const);
  await expect(page.getByTestId('diff')).toBeVisible();
  return complaints;
}

/** The text of a column, as it was written. */
const column = (page: Page, nth: 0 | 1) =>
  text(page)
    .locator('.line.two')
    .evaluateAll((rows, at) => rows.map((row) => row.children[at]?.textContent ?? '').join(''), nth);

test('both answers stand as they are, and words of one only are struck or underlined', async ({ page }) => {
  const complaints = await openDiff(page);
  expect(await column(page, 0)).toBe(answers[0]?.text);
  expect(await column(page, 1)).toBe(answers[1]?.text);
  await expect(text(page).locator('del').first()).toHaveText('customer');
  await expect(text(page).locator('ins').first()).toHaveText('shopper');
  const lines = (tag: string) =>
    text(page)
      .locator(tag)
      .first()
      .evaluate((element) => getComputedStyle(element).textDecorationLine);
  expect(await lines('del')).toBe('line-through');
  expect(await lines('ins')).toBe('underline');
  await expect(page.getByTestId('diff-only-left')).toHaveText(/^Struck through: \d+ words only here$/);
  await expect(page.getByTestId('diff-only-right')).toHaveText(/^Underlined: \d+ words only here$/);
  // What is the same in both stands side by side.
  const rows = text(page).locator('.line.two', { hasText: 'Without an idempotency key' });
  await expect(rows).toHaveCount(1);
  expect(complaints).toEqual([]);
});

test('all of it works by keyboard', async ({ page }) => {
  await openDiff(page);
  await expect(text(page)).toBeFocused();
  await expect(count(page)).toHaveText(/^\d+ differences$/);
  const all = Number((await count(page).innerText()).replace(/\D/g, ''));
  await page.keyboard.press('n');
  await expect(count(page)).toHaveText(`Difference 1 of ${all}`);
  await expect(text(page).locator('.on')).toHaveText(['customer', 'shopper']);
  await page.keyboard.press('p');
  await expect(count(page)).toHaveText(`Difference ${all} of ${all}`);
  await expect(text(page).locator('.on').first()).toBeInViewport();
  await page.keyboard.press('n');
  await expect(count(page)).toHaveText(`Difference 1 of ${all}`);
  await page.keyboard.press('s');
  await expect(text(page).locator('del').first()).toHaveText('shopper');
  await expect(page.getByTestId('diff-left')).toHaveValue('b');
  // Another answer from the list; the one on the other side changes sides.
  await page.getByTestId('diff-left').selectOption('c');
  await expect(page.getByTestId('diff-only-right')).toContainText(/\d+ words only here/);
  await expect(page.getByTestId('diff-only-left')).toHaveText('This answer has no text.');
  await page.getByTestId('diff-left').selectOption('a');
  await expect(page.getByTestId('diff-right')).toHaveValue('c');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('diff')).toHaveCount(0);
});

test('a narrow window has one text with both in it', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 560 });
  await openDiff(page);
  const first = text(page).locator('.single').first();
  await expect(first).toContainText('Picture a customer shopper tapping');
  await page.keyboard.press('n');
  await expect(text(page).locator('.on')).toHaveText(['customer', 'shopper']);
});

test('equal answers say so, and text is never HTML', async ({ page }) => {
  const same = answers.map((answer) => ({ ...answer, text: 'The same.' }));
  await openDiff(page, 'light', same);
  await expect(page.getByTestId('diff-same')).toBeVisible();
  await expect(count(page)).toHaveText('No differences');
  await expect(page.getByTestId('diff-next')).toBeDisabled();
  await page.evaluate((all) => window.stage.compare(all, 'c', 'd'), answers);
  await expect(text(page)).toContainText('<img src=x onerror="window.pwned=1"> & <b>Pay</b>');
  expect(await page.evaluate(() => window.pwned)).toBeUndefined();
});

test('huge answers are compared in time, by lines, and only a part of them is drawn', async ({ page }) => {
  const long = (end: string) => `${'The same line in both of them.\n'.repeat(8000)}${end}`;
  await openDiff(page, 'light', [
    { id: 'a', label: 'A', text: long('One.') },
    { id: 'b', label: 'B', text: long('Two.') },
  ]);
  await expect(page.getByTestId('diff-grain')).toContainText('Whole lines are marked');
  await expect(text(page).locator('.line.two')).toHaveCount(1000);
  await page.keyboard.press('n');
  await expect(text(page).locator('.on')).toHaveText(['One.', 'Two.']);
  await expect(text(page).locator('.on').first()).toBeInViewport();
});

for (const theme of ['light', 'dark'])
  for (const [width, height] of windows)
    test(`it is accessible in ${theme} at ${width}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await openDiff(page, theme);
      await page.keyboard.press('n');
      expect(await axeFindings(page, { within: '[data-testid="diff"]' })).toEqual([]);
      const { scrollWidth, clientWidth } = await text(page).evaluate((element) => element);
      expect(scrollWidth).toBe(clientWidth);
    });

for (const [state, first] of [
  ['', /claude-sonnet-4-5/],
  // Names stay hidden: the list has the letters of the columns only.
  ['&state=blind', /^Answer A$/],
] as const)
  inApp(`two answers of a comparison stand side by side${state}`, async ({ page, open }) => {
    await open(`scene=compare${state}`);
    await chatNamed(page, 'Idempotency keys').click();
    await expect(page.getByTestId('lanes')).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(page.getByTestId('palette').getByRole('combobox')).toBeFocused();
    await page.keyboard.type('two answers');
    await page.keyboard.press('Enter');
    await expect(text(page)).toBeFocused();
    const options = page.getByTestId('diff-left').locator('option');
    await expect(options).toHaveCount(4);
    await expect(options.first()).toHaveText(first);
    if (state !== '')
      await expect(page.getByTestId('diff')).not.toContainText(/claude|llama|gemini|deepseek/i);
    await page.keyboard.press('n');
    await expect(count(page)).toHaveText(/^Difference 1 of \d+$/);
    // The keys of the columns rest below it.
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('diff')).toHaveCount(0);
    await expect(page.getByTestId('lanes')).toBeVisible();
  });
