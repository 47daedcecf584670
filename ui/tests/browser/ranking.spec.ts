import type { Page } from '@playwright/test';
import { axeFindings, expect, test, windows } from './page';

const SCENE = 'scene=compare';
const leaders = (page: Page) => page.getByTestId('leader');
const said = (page: Page) => page.getByTestId('announcer');
const trial = (page: Page) => page.getByTestId('trial');
const verdict = (page: Page, measure: string) =>
  page.locator(`[data-testid="difference"][data-measure="${measure}"]`);

/** From the palette, as a person without a mouse does. */
async function openRanking(page: Page) {
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette').getByRole('combobox')).toBeFocused();
  await page.keyboard.type('ranking');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('ranking')).toBeVisible();
}

test('models stand by their points, with what is sure about them in words', async ({ page, open }) => {
  await open(SCENE);
  await openRanking(page);
  await expect(leaders(page)).toHaveCount(8);
  await expect(leaders(page).first()).toContainText('claude-sonnet-4-5');
  await expect(leaders(page).first()).toContainText('1,182 points, with 95 % between 1,108 and 1,256');
  await expect(leaders(page).first()).toContainText('61 won, 19 lost, 6 tied');
  await expect(page.getByTestId('leaderboard')).toContainText('112 judgements of 336 pairs of answers');
  // The line is as wide as the words say: one that was judged twice is the widest.
  const widths = await page
    .getByTestId('interval')
    .locator('.range')
    .evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().width));
  const models = await leaders(page).locator('.model').allInnerTexts();
  expect(models[widths.indexOf(Math.max(...widths))]).toBe('gpt-5.4-mini');
});

test('judgements are filtered by tag and to blind ones, and all of them come back', async ({
  page,
  open,
}) => {
  await open(SCENE);
  await openRanking(page);
  const count = page.getByTestId('leaderboard').locator('header');
  await page.getByTestId('ranking-tag').selectOption('code');
  await expect(count).toContainText('14 judgements');
  await expect(said(page)).toHaveText('14 judgements count');
  await page.getByRole('switch', { name: 'Blind only' }).click();
  await page.getByTestId('ranking-tag').selectOption('');
  await expect(count).toContainText('38 judgements');
  // It stays so for the next look.
  await page.getByTestId('nav-costs').click();
  await openRanking(page);
  await expect(page.getByRole('switch', { name: 'Blind only' })).toBeChecked();
  await page.getByRole('switch', { name: 'Blind only' }).click();
  await expect(count).toContainText('112 judgements');
});

test('the table is ordered by its heads', async ({ page, open }) => {
  await open(SCENE);
  await openRanking(page);
  const models = () => leaders(page).locator('.model').allInnerTexts();
  const head = (name: string) =>
    page.getByTestId('leaderboard').getByRole('columnheader', { name, exact: true });
  await expect(head('Rank')).toHaveAttribute('aria-sort', 'ascending');
  await page.getByTestId('rank-by-cost').click();
  await expect(head('Cost')).toHaveAttribute('aria-sort', 'ascending');
  expect((await models())[0]).toBe('qwen3:14b');
  await page.getByTestId('rank-by-speed').click();
  await expect(head('Tok/s')).toHaveAttribute('aria-sort', 'descending');
  expect((await models())[0]).toBe('llama-3.3-70b-versatile');
  await page.getByTestId('rank-by-rank').click();
  expect((await models())[0]).toBe('claude-sonnet-4-5');
});

test('a weighted route says what was planned and seen, and what is more than chance', async ({
  page,
  open,
}) => {
  await open(SCENE);
  await openRanking(page);
  const rows = trial(page).locator('tbody tr');
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText(/gpt-5\.4.*70 %.*66 %.*99 %.*24 won, 9 lost.*6 up, 1 down/s);
  await expect(rows.last()).toContainText('removed');
  await expect(verdict(page, 'votes')).toContainText('More than chance (p = 0.009): gpt-5.4 wins most often');
  await expect(verdict(page, 'answered')).toContainText('Could be chance (p = 0.41)');
  await expect(verdict(page, 'thumbs')).toContainText('Too little to tell: it takes about 50 thumbs each');
  await trial(page).getByRole('button', { name: 'Team split' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Team split' })).toBeVisible();
  // And back from the route's page, to this very route.
  await page.getByTestId('route-results').click();
  await expect(trial(page).getByRole('button', { name: 'Team split' })).toBeFocused();
  await expect(trial(page).getByRole('button', { name: 'Team split' })).toBeInViewport();
});

test('without a judgement it tells how to get one, and an error offers another try', async ({
  page,
  open,
}) => {
  await open(`${SCENE}&ranking=none`);
  await openRanking(page);
  await expect(page.getByTestId('no-judgements')).toContainText('No judgements yet');
  await expect(page.getByTestId('no-trials')).toContainText('No weighted route yet');
  expect(await axeFindings(page)).toEqual([]);
  await open(`${SCENE}&ranking=failed`);
  await openRanking(page);
  await expect(page.getByTestId('ranking-error')).toContainText('could not be counted');
  await page.getByTestId('ranking-error').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('ranking-error')).toBeVisible();
});

for (const theme of ['light', 'dark'])
  for (const [width, height] of windows)
    test(`it is accessible and whole in ${theme} at ${width}`, async ({ page, open }) => {
      await page.setViewportSize({ width, height });
      for (const manner of ['', '&ranking=many', '&ranking=one']) {
        await open(`${SCENE}${manner}&theme=${theme}`);
        await openRanking(page);
        await expect(leaders(page).first()).toBeVisible();
        expect(await axeFindings(page), manner).toEqual([]);
        // The page is never wider than the window; each table is as wide as its card.
        const wider = await page
          .locator(
            '[data-testid="ranking"], [data-testid="leaderboard"] .scroll, [data-testid="trial"] .scroll',
          )
          .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
        expect(wider, manner).toBe(0);
      }
    });

test('the screen of comparisons leads here and back', async ({ page, open }) => {
  await open(SCENE);
  await page.getByTestId('nav-compare').click();
  await page.getByTestId('open-ranking').click();
  await expect(leaders(page).first()).toBeVisible();
  await expect(page.getByTestId('nav-compare')).toHaveAttribute('aria-current', 'page');
  await page.getByTestId('ranking-back').click();
  await expect(page.getByTestId('open-ranking')).toBeVisible();
});
