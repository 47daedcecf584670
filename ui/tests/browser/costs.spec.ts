import type { Page } from '@playwright/test';
import { axeFindings, expect, test, windows } from './page';

const SCENE = 'scene=costs&today=2026-11-21';
const total = (page: Page) => page.getByTestId('cost-total');
const chips = (page: Page) => page.getByTestId('cost-chip');
const columns = (page: Page) => page.getByTestId('cost-chart').locator('[data-column]');
const column = (page: Page, day: string) => page.locator(`[data-column="${day}"]`);
const line = (page: Page, name: string) => page.getByTestId('cost-line').filter({ hasText: name });
const requests = (page: Page) => page.locator('[data-request]');
const said = (page: Page) => page.getByTestId('announcer');

async function openCosts(page: Page) {
  await page.getByTestId('nav-costs').click();
  await expect(total(page)).toBeVisible();
}

const dollars = async (page: Page) => Number((await total(page).innerText()).replace(/[^\d.]/g, ''));

test('a click on anything filters everything, from one bar', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  const all = await dollars(page);
  const log = page.getByTestId('log-total');
  const requestsBefore = await log.innerText();

  // An entry of the legend.
  await page
    .getByTestId('cost-legend')
    .getByRole('button', { name: /Anthropic/ })
    .click();
  await expect(chips(page)).toHaveText(['An Provider: Anthropic']);
  await expect(page.getByTestId('cost-line')).toHaveCount(1);
  const some = await dollars(page);
  expect(some).toBeLessThan(all);
  await expect(log).not.toHaveText(requestsBefore);
  await expect(said(page)).toContainText('requests');
  // A line on how sure it is, on top of it: both hold.
  await page
    .getByTestId('cost-sure')
    .getByRole('button', { name: /of these/ })
    .click();
  await expect(chips(page)).toHaveCount(2);
  expect(await dollars(page)).toBeLessThan(some);
  // The focus goes on to the next chip when one is taken away.
  await chips(page).first().click();
  await expect(chips(page)).toHaveText(['Amount: Estimated']);
  await expect(chips(page).first()).toBeFocused();
  await page.getByTestId('clear-filters').click();
  await expect(chips(page)).toHaveCount(0);
  await expect.poll(() => dollars(page)).toBe(all);

  // A part of a bar, a line of the table, one of waste.
  await column(page, '2026-11-12').locator('[data-part="OpenAI"]').click();
  await expect(chips(page)).toHaveText(['Oa Provider: OpenAI']);
  await page.getByTestId('clear-filters').click();
  await line(page, 'OpenRouter').getByRole('button', { name: 'Models of' }).click();
  await page.getByTestId('cost-model').first().getByRole('button').click();
  await expect(chips(page)).toHaveText(['Or Provider: OpenRouter', /^Or Model: /]);
  await page.getByTestId('clear-filters').click();
  await page.getByTestId('waste-cutOff').click();
  await expect(chips(page)).toHaveText(['Wasted: Cut off']);
  await expect(page.getByTestId('log-rows').getByText('cut off').first()).toBeVisible();
  await page.getByTestId('clear-filters').click();
  const again = page.getByTestId('waste-askedAgain');
  const spent = await again.locator('xpath=..').innerText();
  await again.click();
  await expect(chips(page)).toHaveText(['Wasted: Asked again']);
  await expect.poll(() => dollars(page)).toBe(Number(/[\d.]+$/.exec(spent)?.[0]));
  await page.getByTestId('clear-filters').click();

  // And from the bar, where an option is found by its name.
  await page.getByTestId('filter-more').click();
  await page.getByTestId('filter-find').fill('sonnet');
  await page.locator('[data-option="models-claude-sonnet-4-5"]').check();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('filter-more')).toBeFocused();
  await expect(chips(page)).toHaveText(['An Model: claude-sonnet-4-5']);
});

test('every figure of the head that can be pressed filters, too', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  const hero = page.getByTestId('cost-hero');
  for (const [name, chosen] of [
    ['34 without a price', ['Amount: No price']],
    [
      /Failed and retried/,
      ['Wasted: Cut off', 'Wasted: Failed', 'Wasted: Asked again', 'Wasted: Tried again'],
    ],
    [/Reported by the vendor/, ['Amount: Reported by the vendor']],
  ] as const) {
    const before = await page.getByTestId('log-total').innerText();
    await hero.getByRole('button', { name }).click();
    await expect(chips(page)).toHaveText([...chosen]);
    await expect(page.getByTestId('log-total')).not.toHaveText(before);
    await page.getByTestId('clear-filters').click();
    await expect(page.getByTestId('log-total')).toHaveText(before);
  }
  await page.getByTestId('hero-today').click();
  await expect(page.getByTestId('cost-range')).toContainText('21 Nov');
  await expect(columns(page)).toHaveCount(1);
  await expect(hero).toContainText('spent on 21 Nov');
});

test('days are chosen from a list, by month, by hand or by a bar', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  const range = page.getByTestId('cost-range');
  await range.click();
  await page.getByTestId('range-last7').click();
  await expect(range).toContainText('Last 7 days');
  await expect(columns(page)).toHaveCount(7);
  await range.click();
  await page.getByTestId('range-month').selectOption('2026-08');
  await expect(range).toContainText('August 2026');
  await expect(columns(page)).toHaveCount(31);
  await range.click();
  await page.getByTestId('range-from').fill('2026-02-30');
  await page.getByTestId('range-apply').click();
  await expect(page.getByText('This is no day.')).toBeVisible();
  await page.getByTestId('range-from').fill('2026-08-10');
  await page.getByTestId('range-to').fill('2026-08-12');
  await page.getByTestId('range-apply').click();
  await expect(columns(page)).toHaveCount(3);
  await range.click();
  await page.getByTestId('range-thisYear').click();
  await expect(page.getByRole('heading', { name: 'Per month' })).toBeVisible();
  await expect(columns(page)).toHaveCount(11);
  await column(page, '2026-10').focus();
  await page.keyboard.press('Enter');
  await expect(range).toContainText('October 2026');
});

test('the chart is one tab stop that reads out days and their parts', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  await expect(page.getByTestId('cost-chart').locator('[tabindex="0"]')).toHaveCount(1);
  await column(page, '2026-11-21').focus();
  await page.keyboard.press('ArrowLeft');
  await expect(column(page, '2026-11-20')).toBeFocused();
  await expect(column(page, '2026-11-20')).toHaveAttribute('aria-label', /^20 Nov, ≈ \$[\d.]+: Anthropic ≈ /);
  await expect(page.getByTestId('chart-tip')).toContainText('20 Nov');
  await page.keyboard.press('Home');
  await expect(column(page, '2026-11-01')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(said(page)).toHaveText(/^Anthropic ≈ \$/);
  await page.keyboard.press('End');
  await expect(column(page, '2026-11-30')).toHaveAttribute('aria-label', /^30 Nov, projected ≈ \$/);
  await column(page, '2026-11-12').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(chips(page)).toHaveText(['Gm Provider: Google Gemini']);
});

test('the same figures stand in a table', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  await page.getByTestId('look-table').click();
  const table = page.getByTestId('series-table');
  await expect(table.locator('tbody tr')).toHaveCount(21);
  await expect(table.locator('tfoot')).toContainText(`≈ ${await total(page).innerText()}`);
  await expect(table.locator('thead')).toContainText('OpenRouter');
  await page.getByTestId('unit-tokens').click();
  await expect(table.locator('tbody')).not.toContainText('$');
  // It stays so for the next look.
  await page.getByTestId('nav-chat').click();
  await page.getByTestId('nav-costs').click();
  await expect(table).toBeVisible();
});

test('the table is sorted by its heads', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  const names = () => page.getByTestId('cost-line').locator('.name').allInnerTexts();
  expect((await names())[0]).toBe('Anthropic');
  await page.getByTestId('sort-name').click();
  expect(await names()).toEqual([...(await names())].sort((one, other) => one.localeCompare(other)));
  await page.getByTestId('sort-first').click();
  await expect(
    page.getByTestId('cost-lines').getByRole('columnheader', { name: 'First token' }),
  ).toHaveAttribute('aria-sort', 'descending');
  expect((await names()).at(-1)).toBe('Ollama');
});

test('fifty thousand requests scroll, and only those in sight are drawn', async ({ page, open }) => {
  await open(`${SCENE}&costs=huge`);
  await openCosts(page);
  const count = Number((await page.getByTestId('log-total').innerText()).replace(/\D/g, ''));
  expect(count).toBeGreaterThan(45_000);
  await page.getByTestId('log-large').click();
  const rows = page.getByTestId('log-rows');
  for (let at = 0; at < 8; at += 1) {
    await rows.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await expect
      .poll(() => rows.evaluate((element) => element.scrollHeight))
      .toBeGreaterThan(6000 * (at + 1));
    expect(await requests(page).count()).toBeLessThan(70);
  }
  await requests(page).last().focus();
  await page.keyboard.press('Home');
  await expect(requests(page).first()).toBeFocused();
  await page.keyboard.press('PageDown');
  await expect(requests(page).first()).not.toBeFocused();
  // To the true end, of which nobody has seen anything yet.
  await page.keyboard.press('End');
  const last = page.locator(`[role="row"][aria-rowindex="${count + 1}"] [data-request]`);
  await expect(last).toBeFocused();
  expect(await requests(page).count()).toBeLessThan(70);
});

test('a request tells what it was, and leads to its answer', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  await page.getByTestId('filter-providers').click();
  await page.locator('[data-option="providers-p-anthropic"]').check();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('cost-line')).toHaveCount(1);
  await requests(page).first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const details = page.getByTestId('request-details');
  await expect(details).toContainText('the vendor’s tokens at their prices');
  await expect(details).toContainText(
    /\$3\.00 input, .*\$15\.00 output, per million tokens; genai-prices .*, as of /,
  );
  await expect(details).toContainText(/\d+ in/);
  await page.getByTestId('open-request').click();
  await expect(page.getByTestId('message-assistant').first()).toBeVisible();
  // Whoever comes back finds what they looked at.
  await page.getByTestId('nav-costs').click();
  await expect(chips(page)).toHaveText(['An Provider: Anthropic']);
});

test('costs are exported to a file', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  await page.getByTestId('export-costs').click();
  await page.getByTestId('export-csv').click();
  const note = page.getByTestId('costs-written');
  await expect(note).toContainText('837 requests written to');
  await expect(note).toContainText('parlance-costs-2026-11-01-to-2026-11-30.csv');
});

test('a bill is compared in words, and nothing is kept of it', async ({ page, open }) => {
  await open(SCENE);
  await openCosts(page);
  await page.getByTestId('bill').fill('lots');
  await page.getByTestId('bill').press('Enter');
  await expect(page.getByTestId('bill-answer')).toContainText('Give an amount in dollars');
  await page.getByTestId('bill').fill('40');
  await page.getByTestId('bill').press('Enter');
  await expect(page.getByTestId('bill-answer')).toContainText('more than what is counted here');
});

test('an empty ledger says so', async ({ page, open }) => {
  await open(`${SCENE}&costs=none`);
  await page.getByTestId('nav-costs').click();
  await expect(page.getByTestId('no-requests')).toContainText('No requests yet');
});

for (const [width, height, dashboard] of [
  [1440, 900, 4000],
  [720, 640, 1500],
] as const)
  test(`its frame is there at once at ${width}, and nothing moves when the figures come`, async ({
    page,
    open,
  }) => {
    await page.setViewportSize({ width, height });
    await open(`${SCENE}&dashboard=${dashboard}`);
    await page.getByTestId('nav-costs').click();
    const blank = page.getByTestId('cost-blank');
    await expect(blank).toBeVisible();
    await expect(blank).toContainText('Requests');
    await expect(page.getByTestId('cost-range')).toBeVisible();
    // What has no price is asked about apart from the figures, and stands above them.
    await expect(page.getByTestId('unpriced')).toBeVisible();
    const place = async () => {
      const box = await page.locator('.cards > .chart').boundingBox();
      return box && [box.x, box.y, box.width].map(Math.round);
    };
    const before = await place();
    if (width === 1440) expect(await axeFindings(page, { within: 'main' })).toEqual([]);
    await expect(total(page)).toBeVisible();
    await expect(blank).toHaveCount(0);
    expect(await place()).toEqual(before);
  });

test('every state passes axe', async ({ page, open }) => {
  test.slow();
  await open(`${SCENE}&dashboard=fails-once`);
  await page.getByTestId('nav-costs').click();
  await expect(page.getByTestId('cost-error')).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByTestId('cost-retry').click();
  await expect(total(page)).toBeVisible();
  await page.getByTestId('waste-cutOff').click();
  await expect(chips(page)).toHaveCount(1);
  await page.getByTestId('export-costs').click();
  expect(await axeFindings(page, { within: 'header.bar' })).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByTestId('export-costs').blur();
  expect(await axeFindings(page)).toEqual([]);
});

test('what cannot be read is said, and can be tried again', async ({ page, open }) => {
  await open(`${SCENE}&dashboard=fails-once`);
  await page.getByTestId('nav-costs').click();
  await expect(page.getByTestId('cost-error')).toContainText('The costs could not be read.');
  await page.getByTestId('cost-retry').click();
  await expect(total(page)).toBeVisible();
  await expect(page.getByTestId('cost-error')).toHaveCount(0);
});

test('an answer that ends while the costs are open is counted', async ({ page, open }) => {
  await open(`${SCENE}&pace=2`);
  await page.getByTestId('composer').fill('Hello');
  await page.keyboard.press('Enter');
  await openCosts(page);
  await expect(page.getByTestId('hero-today')).toContainText('Today, 23 requests');
});

test('a provider shows its own costs, and leads to all of them', async ({ page, open }) => {
  await open(SCENE);
  await page.getByTestId('nav-providers').click();
  const costs = page.getByTestId('provider-costs');
  await expect(costs).toContainText('in November 2026');
  await expect(costs).toContainText('claude-sonnet-4-5');
  await page.getByTestId('provider-costs-open').click();
  await expect(chips(page)).toHaveText(['An Provider: Anthropic']);
});

test('forty providers with long names fit', async ({ page, open }) => {
  await open('scene=crowd&costs=year&today=2026-11-21');
  await openCosts(page);
  await expect(page.getByTestId('cost-line')).toHaveCount(12);
  await page.getByTestId('all-lines').click();
  await expect(page.getByTestId('cost-line')).toHaveCount(40);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});

// The last two are the smallest window and a common one at 200 %.
for (const [width, height] of [
  [1440, 900],
  [1280, 800],
  [1024, 700],
  [720, 640],
  [512, 350],
  [360, 280],
] as const)
  test(`nothing lies over another, and money is never cut off at ${width}`, async ({ page, open }) => {
    await page.setViewportSize({ width, height });
    await open(`${SCENE}&costs=year`);
    await openCosts(page);
    const over = await page.evaluate(() => {
      const boxes = [
        ...document.querySelectorAll('header.bar :is(button), .hero .line > *, .hero .cell'),
      ].map((element) => ({ text: element.textContent.trim(), box: element.getBoundingClientRect() }));
      const pairs = boxes.flatMap((one, at) => boxes.slice(at + 1).map((other) => [one, other] as const));
      return pairs
        .filter(
          ([{ box: one }, { box: other }]) =>
            one.left < other.right - 1 &&
            other.left < one.right - 1 &&
            one.top < other.bottom - 1 &&
            other.top < one.bottom - 1,
        )
        .map(([one, other]) => `${one.text} / ${other.text}`)
        .concat(boxes.filter(({ box }) => box.right > innerWidth).map(({ text }) => `${text} / window`));
    });
    expect(over).toEqual([]);
    await page.getByTestId('cost-lines').scrollIntoViewIfNeeded();
    const hidden = await page
      .locator('[data-testid="cost-lines"] tbody td:last-child > span:first-child')
      .evaluateAll((amounts) =>
        amounts
          .filter((amount) => {
            const { left, right } = amount.getBoundingClientRect();
            const card = amount.closest('section')?.getBoundingClientRect();
            return !card || left < card.left || right > card.right - 2;
          })
          .map((amount) => amount.textContent),
      );
    expect(hidden).toEqual([]);
    const names = await page
      .locator('[data-testid="cost-line"] .name')
      .evaluateAll((all) => all.filter((name) => name.clientWidth < 60).map((name) => name.textContent));
    expect(names).toEqual([]);
  });

for (const [width, height] of windows) {
  test(`nothing is amiss at ${width}`, async ({ page, open }) => {
    test.slow();
    await page.setViewportSize({ width, height });
    await open(SCENE);
    await openCosts(page);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId('look-table').click();
    await requests(page).first().click();
    await page.getByTestId('filter-more').click();
    for (const within of ['header.bar', '[data-testid="cost-series"]', '[data-testid="cost-log"]'])
      expect(await axeFindings(page, { within })).toEqual([]);
    const sideways = await page.evaluate(() => document.querySelector('main .scroll')?.scrollWidth ?? 0);
    expect(sideways).toBeLessThanOrEqual(width);
  });
}
