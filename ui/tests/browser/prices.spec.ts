import type { Page } from '@playwright/test';
import { axeFindings, expect, test, windows } from './page';

const rows = (page: Page) => page.getByTestId('price-row');
const note = (page: Page) => page.getByTestId('cost-note');

async function openPrices(page: Page) {
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette').getByRole('combobox').fill('price list');
  await page.keyboard.press('Enter');
  await expect(rows(page).first()).toBeVisible();
}

async function openBudgets(page: Page) {
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette').getByRole('combobox').fill('open budgets');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('budgets')).toBeVisible();
}

async function write(page: Page, text: string) {
  await page.getByTestId('composer').fill(text);
}

test('the price list is searched, narrowed and put in order', async ({ page, open }) => {
  await open('scene=costs');
  await openPrices(page);
  await expect(page.getByTestId('price-source')).toContainText('Prices of 3 Nov, which came with Parlance.');
  const search = page.getByTestId('price-search');
  await expect(search).toBeFocused();
  await search.fill('gpt mini');
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText('OpenAI');
  await search.fill('nothing is called so');
  await expect(page.getByTestId('prices')).toContainText('Nothing with “nothing is called so”');
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(search).toHaveValue('');
  await page.getByTestId('prices-mine').click();
  await page.getByTestId('order-output').click();
  await expect(page.getByRole('columnheader', { name: 'Out, $/M' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  await expect(rows(page).first()).toContainText('free');
});

test('a long list builds only what is in sight, and the keyboard reaches its end', async ({ page, open }) => {
  await open('scene=costs');
  await openPrices(page);
  await page.getByTestId('price-search').press('ArrowDown');
  await expect(rows(page).first()).toBeFocused();
  await page.keyboard.press('End');
  const last = page.locator('tr[data-testid="price-row"]:focus');
  await expect(last).toContainText('xai-model-9');
  expect(await rows(page).count()).toBeLessThan(80);
  await page.keyboard.press('Home');
  await expect(page.locator('tr[data-testid="price-row"]:focus')).toContainText('claude-haiku-4-5');
});

test('an own price says what is wrong with it, prices late requests, changes and goes', async ({
  page,
  open,
}) => {
  await open('scene=costs');
  await openPrices(page);
  await page.getByTestId('price-ask-set').click();
  const dialog = page.getByTestId('price-dialog');
  await expect(dialog).toContainText('Your price for gemini-exp-1121');
  await page.getByTestId('price-output').fill('six');
  await page.getByTestId('price-valid-from').fill('2026-02-30');
  await page.getByTestId('price-save').click();
  await expect(dialog).toContainText('Give what a million input tokens cost. 0 is free.');
  await expect(dialog).toContainText('This is no price. It looks like 2.50.');
  await expect(dialog).toContainText('This is no day. It looks like 2026-11-22.');
  await expect(page.getByTestId('price-input')).toBeFocused();
  await page.getByTestId('price-input').fill('1.5');
  await page.getByTestId('price-output').fill('6');
  await page.getByTestId('price-valid-from').fill('2020-01-01');
  await expect(page.getByTestId('price-late')).toBeChecked();
  await page.getByTestId('price-save').click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('toast')).toHaveText(
    /Price kept for gemini-exp-1121\. \d+ requests without one are priced now\./,
  );
  await expect(page.getByTestId('unpriced')).toHaveCount(0);

  await page.getByTestId('prices-own').click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('yours');
  await rows(page).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('own-prices')).toContainText('1.50 in, 6.00 out');
  await page.getByTestId('price-another').click();
  await page.getByTestId('price-valid-from').fill('2020-01-01');
  await page.getByTestId('price-save').click();
  await expect(dialog).toContainText('There is a price from this day on already.');
  await dialog.getByRole('button', { name: /^Remove the price from/ }).click();
  await expect(page.getByTestId('prices')).toContainText('You have set no price of your own.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rows(page)).toContainText('yours');
});

test('a refresh asks first, and what is not taken says why', async ({ page, open }) => {
  await open('scene=costs&prices=absurd');
  await openPrices(page);
  await page.getByTestId('price-refresh').click();
  await expect(page.getByTestId('price-refresh-dialog')).toContainText('raw.githubusercontent.com');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('price-trouble')).toHaveCount(0);
  await page.getByTestId('price-refresh').click();
  await page.getByTestId('price-refresh-sure').click();
  await expect(page.getByTestId('price-trouble')).toContainText(
    'The file holds prices that cannot be right, such as a thousand times the usual. The prices of 3 Nov stay in force.',
  );
  await page.getByRole('switch', { name: 'Refresh prices once a week' }).click();
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-providers').click();
  await expect(page.getByRole('switch', { name: 'Refresh prices once a week' })).toBeChecked();
});

test('a model without a price is asked about once', async ({ page, open }) => {
  await open('scene=costs');
  await page.getByTestId('rail-spend').click();
  await expect(page.getByTestId('price-ask')).toContainText('gemini-exp-1121 at Google Gemini has no price');
  await page.getByTestId('price-ask-later').click();
  await expect(page.getByTestId('price-ask')).toHaveCount(0);
  await openPrices(page);
  await expect(page.getByTestId('unpriced')).toHaveCount(0);
});

test('below an answer of a model without a price it can be set', async ({ page, open }) => {
  await open('scene=costs&pace=20');
  await page.getByTestId('model-chip').click();
  await page.getByRole('combobox', { name: 'Model or provider' }).fill('gemini-exp');
  await page.keyboard.press('Enter');
  await write(page, 'Why?');
  await expect(page.getByTestId('estimated-cost')).toHaveText('cost unknown');
  await page.getByTestId('composer').press('Enter');
  await expect(page.getByTestId('message-status')).toContainText('cost unknown');
  await expect(page.getByTestId('price-ask')).toContainText('gemini-exp-1121 at Google Gemini has no price');
  await page.getByTestId('price-ask-set').click();
  await page.getByTestId('price-input').fill('1');
  await page.getByTestId('price-output').fill('4');
  await page.getByTestId('price-save').click();
  await expect(page.getByTestId('price-ask')).toHaveCount(0);
});

test('a budget is made, corrected at its fields, reached, removed and brought back', async ({
  page,
  open,
}) => {
  await open('scene=costs&budgets=none&pace=20');
  await expect(page.getByTestId('rail-spend')).toContainText('this month');
  await openBudgets(page);
  await page.getByTestId('first-budget').click();
  await page.getByTestId('budget-limit').fill('nothing');
  await page.getByTestId('budget-warn').fill('80, 120');
  await page.getByTestId('budget-save').click();
  const dialog = page.getByTestId('budget-dialog');
  await expect(dialog).toContainText('This is no amount. It looks like 80 or 7.50.');
  await expect(dialog).toContainText('Each is a whole number from 1 to 100');
  await expect(page.getByTestId('budget-limit')).toBeFocused();
  await page.getByTestId('budget-limit').fill('0.01');
  await page.getByTestId('budget-warn').fill('80, 50');
  await page.getByTestId('budget-at-stop').check();
  await page.getByTestId('budget-save').click();
  await expect(dialog).toHaveCount(0);
  const budget = page.getByTestId('budget');
  await expect(budget).toContainText('Everything, each month');
  await expect(budget).toContainText('Warns at 50 % and 80 %. At the limit nothing more is sent.');
  await expect(page.getByTestId('budget-meter')).toHaveAttribute('data-level', 'err');
  await expect(page.getByTestId('rail-spend')).toContainText('of $0.01');

  await page.getByTestId('nav-chat').click();
  await write(page, 'Is it worth it?');
  await expect(note(page)).toContainText('The monthly budget for everything of $0.01 is spent.');
  await expect(page.getByTestId('send')).toBeDisabled();
  await expect(page.getByTestId('send')).toHaveAccessibleName('A budget does not allow it');
  await page.getByTestId('cost-note-budget').click();
  await page.getByTestId('budget-at-warn').check();
  await page.getByTestId('budget-save').click();
  await expect(note(page)).toHaveCount(0);
  await expect(page.getByTestId('send')).toBeEnabled();

  await openBudgets(page);
  await page.getByTestId('budget-remove').click();
  await expect(page.getByTestId('first-budget')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(budget).toContainText('Everything, each month');
});

test('a budget that asks holds a message back until the person says so', async ({ page, open }) => {
  await open('scene=costs&budgets=ask&pace=20');
  await write(page, 'Is it worth it?');
  await expect(note(page)).toContainText('You are asked when you send.');
  await page.getByTestId('composer').press('Enter');
  const question = page.getByTestId('over-budget');
  await expect(question).toContainText('This would go over a budget.');
  await expect(question).toContainText('It begins anew on 1');
  await expect(page.getByTestId('composer')).toHaveValue('Is it worth it?');
  await expect(note(page)).toHaveCount(0);
  await page.getByTestId('send-anyway').click();
  await expect(page.getByTestId('message-user')).toContainText('Is it worth it?');
  await expect(question).toHaveCount(0);
  await expect(page.getByTestId('composer')).toBeFocused();
  await expect(page.getByTestId('message-status')).toHaveAttribute('data-status', 'complete');

  // Asking again is asked about as well.
  await page.getByTestId('message-assistant').hover();
  await page.getByTestId('retry').click();
  await expect(question).toContainText('This would go over a budget.');
  await page.getByTestId('send-anyway').click();
  await expect(page.getByText('2/2')).toBeVisible();
});

test('a share that is passed is told as a notice', async ({ page, open }) => {
  await open('scene=costs&budgets=near&pace=20');
  await write(page, 'Go on');
  await expect(note(page)).toHaveCount(0);
  await page.getByTestId('composer').press('Enter');
  const toast = page.getByTestId('toast');
  await expect(toast).toContainText('80 % of the monthly budget for everything is spent');
  await expect(toast).toHaveRole('status');
  await toast.getByRole('button', { name: 'Look' }).click();
  await expect(page.getByTestId('budget-meter')).toHaveAttribute('data-level', 'warn');
});

test('the composer tells what a message may cost and when that is more than was set', async ({
  page,
  open,
}) => {
  await open('scene=costs');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-costs').click();
  const limit = page.getByTestId('message-limit');
  await limit.fill('-1');
  await limit.press('Enter');
  await expect(page.getByTestId('settings-costs')).toContainText('This is no amount. It looks like 0.50.');
  await limit.fill('0.05');
  await limit.press('Enter');
  await expect(page.getByTestId('settings-costs')).toContainText('Saved');
  await page.getByTestId('nav-chat').click();
  await write(page, 'Why?');
  await expect(note(page)).toContainText(
    /may cost up to ≈ \$[\d.]+, more than the \$0\.05 you set for one\./,
  );
  await expect(page.getByTestId('send')).toBeEnabled();
  await expect(page.getByTestId('estimated-cost')).toContainText('up to $');
  await page.getByTestId('context-gauge').click();
  await expect(page.getByTestId('cost-breakdown')).toContainText('The prompt alone');
  await expect(page.getByTestId('cost-breakdown')).toContainText('Usual answer, 500 tokens');
  await expect(page.getByTestId('cost-breakdown')).toContainText('At most, 64k tokens');
});

test('a provider and a route have budgets of their own', async ({ page, open }) => {
  await open('scene=costs&budgets=none');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('provider-item').filter({ hasText: 'OpenAI' }).first().click();
  await page.getByTestId('set-budget').click();
  await expect(page.getByTestId('budget-which')).toHaveValue('p-openai');
  await page.getByTestId('budget-limit').fill('9');
  await page.getByTestId('budget-save').click();
  await expect(page.getByTestId('own-budgets')).toContainText('of $9 this month');
  await page.getByTestId('nav-routes').click();
  await page.getByTestId('route-item').filter({ hasText: 'Careful' }).click();
  await page.getByTestId('set-budget').click();
  await page.getByTestId('budget-period-day').click();
  await page.getByTestId('budget-limit').fill('2');
  await page.getByTestId('budget-save').click();
  await expect(page.getByTestId('own-budgets')).toContainText('of $2 today');
  await page.getByTestId('all-budgets').click();
  await expect(page.getByTestId('budget')).toHaveCount(2);
  await expect(page.getByTestId('budget').last()).toContainText('Route Careful, each day');
  await page.getByTestId('add-budget').click();
  await page.getByTestId('budget-scope-route').click();
  await page.getByTestId('budget-which').selectOption({ label: 'Careful' });
  await page.getByTestId('budget-period-day').click();
  await page.getByTestId('budget-limit').fill('3');
  await page.getByTestId('budget-save').click();
  await expect(page.getByTestId('budget-dialog')).toContainText(
    'There is one for the same and as long already.',
  );
});

const ways: [name: string, query: string, way: (page: Page) => Promise<void>][] = [
  ['the price list', 'scene=costs&prices=trouble-truncated', openPrices],
  [
    'an own price',
    'scene=costs',
    async (page) => {
      await openPrices(page);
      await page.getByTestId('set-price').click();
      await page.getByText('More prices').click();
      await page.getByTestId('price-save').click();
    },
  ],
  ['budgets', 'scene=costs&budgets=full', openBudgets],
  [
    'a budget being made',
    'scene=costs&budgets=full',
    async (page) => {
      await openBudgets(page);
      await page.getByTestId('add-budget').click();
      await page.getByTestId('budget-scope-route').click();
      await page.getByTestId('budget-save').click();
    },
  ],
  [
    'a message over a budget',
    'scene=costs&budgets=ask',
    async (page) => {
      await write(page, 'Is it worth it?');
      await page.getByTestId('composer').press('Enter');
      await expect(page.getByTestId('over-budget')).toBeVisible();
    },
  ],
];

for (const theme of ['light', 'dark']) {
  for (const [name, query, way] of ways) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`${query}&theme=${theme}`);
      await way(page);
      expect(await axeFindings(page)).toEqual([]);
      for (const [width, height] of windows) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        const wide = await page.evaluate(() =>
          [...document.querySelectorAll('main button, main input, main td, dialog button, dialog input')]
            .filter((one) => {
              const { width: own, right } = one.getBoundingClientRect();
              return own > 0 && right > innerWidth + 1 && !one.closest('.vh');
            })
            .map((one) => one.outerHTML.slice(0, 120)),
        );
        expect(wide).toEqual([]);
      }
    });
  }
}
