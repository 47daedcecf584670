import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, test, windows } from './page';

const MAIN = 'Batching and tail latency';

const item = (page: Page, name: string) => page.getByTestId('route-item').filter({ hasText: name });
const targets = (page: Page) => page.getByTestId('target');
const grip = (page: Page, at: number) => targets(page).nth(at).getByTestId('target-grip');
const lines = (page: Page) => page.getByTestId('dry-line');

async function openRoutes(page: Page, name?: string) {
  await page.getByTestId('nav-routes').click();
  if (name === undefined) return;
  await item(page, name).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
}

/** The providers of the targets, in their order. */
const order = (page: Page) => targets(page).locator('b').allInnerTexts();

test('targets are put in order with the keyboard, and that is kept', async ({ page, open }) => {
  await open('scene=routes&routes=well');
  await openRoutes(page, 'Careful');
  await grip(page, 0).focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByTestId('announcer')).toHaveText('Anthropic is number 2 of 4.');
  await expect(grip(page, 1)).toBeFocused();
  // Two presses in a row are two steps, however slow the first is kept.
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(() => order(page)).toEqual(['OpenRouter', 'OpenAI', 'LM Studio', 'Anthropic']);
  await page.keyboard.press('Home');
  await expect(grip(page, 0)).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => order(page)).toEqual(['OpenRouter', 'OpenAI', 'LM Studio', 'Anthropic']);
  await expect(lines(page).first()).toContainText('Chosen OpenRouter');
  // Who comes first is nobody's other vendor.
  await expect(targets(page).nth(0)).not.toContainText('another vendor');
  await expect(targets(page).nth(3)).toContainText('Same model through another vendor');
  await item(page, 'Fast').click();
  await item(page, 'Careful').click();
  expect(await order(page)).toEqual(['OpenRouter', 'OpenAI', 'LM Studio', 'Anthropic']);
});

test('targets are one stop for Tab, with the controls of the row that has the focus', async ({
  page,
  open,
}) => {
  await open('scene=routes&routes=well');
  await openRoutes(page, 'Careful');
  await grip(page, 0).focus();
  await page.keyboard.press('ArrowDown');
  await expect(grip(page, 1)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(targets(page).nth(1).getByTestId('target-model')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(targets(page).nth(1).getByRole('button', { name: 'More for OpenRouter' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('add-target')).toBeFocused();
});

test('a target is dragged to its place', async ({ page, open }) => {
  await open('scene=routes&routes=well');
  await openRoutes(page, 'Careful');
  const from = await grip(page, 0).boundingBox();
  const to = await targets(page).nth(2).boundingBox();
  if (!from || !to) throw new Error('the rows are not drawn');
  await page.mouse.move(from.x + 6, from.y + 6);
  await page.mouse.down();
  await page.mouse.move(from.x + 6, to.y + to.height - 4, { steps: 6 });
  await page.mouse.up();
  await expect.poll(() => order(page)).toEqual(['OpenRouter', 'OpenAI', 'Anthropic', 'LM Studio']);
});

test('the strategy decides whom the dry run chooses', async ({ page, open }) => {
  await open('scene=routes&routes=well');
  await openRoutes(page, 'Careful');
  await expect(page.getByTestId('dry-verdict')).toContainText('Anthropic, claude-sonnet-4-5');
  await page.getByTestId('strategy-lowestCost').click();
  await expect(page.getByTestId('strategy-how')).toHaveText('The lowest price for this prompt.');
  await expect(page.getByTestId('dry-verdict')).toContainText('LM Studio, qwen3-14b');
  await expect(lines(page).first()).toContainText('Lowest price for this prompt.');
  await expect(page.getByTestId('target-weight')).toHaveCount(0);
  await page.getByTestId('strategy-lowestCost').press('ArrowLeft');
  await expect(page.getByTestId('strategy-weighted')).toBeFocused();
  await expect(page.getByTestId('target-weight')).toHaveCount(4);
  await expect(page.getByTestId('sticky')).toContainText('Stay with one target per chat');
  const weight = page.getByTestId('target-weight').nth(1);
  await weight.fill('0');
  await weight.press('Enter');
  await expect(targets(page).nth(1)).toContainText('From 1 to 1000.');
  await weight.fill('7');
  await weight.press('Enter');
  await expect(targets(page).nth(1)).toContainText('70 %');
  await expect(page.getByTestId('dry-verdict')).toContainText('OpenRouter');
});

test('the dry run says why each target is passed over', async ({ page, open }) => {
  await open('scene=routes');
  await openRoutes(page, 'Careful');
  await page.getByTestId('dry-prompt').fill('What does this chart say about week 44?');
  await page.getByTestId('dry-images').fill('1');
  await expect(lines(page).nth(0)).toContainText(
    /Skipped Anthropic.*overloaded \(529\)\. Back in 2 min \d+ s\./s,
  );
  await expect(lines(page).nth(1)).toContainText('Next in order. Reads images.');
  await expect(lines(page).nth(3)).toContainText('qwen3-14b cannot read images.');
  await expect(page.getByTestId('dry-run')).toContainText(
    'OpenAI is asked. Once text is on screen, you are asked first.',
  );
  await page.getByTestId('dry-tokens-in').fill('1,040,000');
  await page.getByTestId('dry-tokens-out').fill('20000');
  await expect(lines(page).nth(1)).toContainText('are longer than anthropic/claude-sonnet-4.5 can read');
  await expect(page.getByTestId('dry-nobody')).toContainText('Anthropic is back first, in 2 min');
});

test('where everybody is out, each says why and who is back first', async ({ page, open }) => {
  await open('scene=routes&routes=all-out');
  await openRoutes(page, 'Careful');
  await expect(page.getByTestId('dry-nobody')).toContainText(
    /Nobody is ready now\. Anthropic is back first, in .*\. A message that you send asks it all the same\./,
  );
  await expect(lines(page).nth(2)).toContainText('Its key was rejected. Replace it in Providers.');
  await expect(item(page, 'Careful')).toContainText('3 resting');
  await expect(targets(page).nth(1)).toContainText(/rests \d:\d\d/);
});

test('a target that rests is tried again on the word of a person', async ({ page, open }) => {
  await open('scene=routes');
  await openRoutes(page, 'Careful');
  await expect(page.getByTestId('dry-verdict')).toContainText('OpenRouter');
  // A quota is not ended by hand: only one target has the button.
  const wake = page.getByTestId('target-wake');
  await expect(wake).toHaveCount(1);
  await wake.click();
  await expect(page.getByTestId('announcer')).toHaveText('Anthropic is asked again.');
  await expect(targets(page).nth(0)).toContainText('ready');
  await expect(wake).toHaveCount(0);
  await expect(grip(page, 0)).toBeFocused();
  await expect(page.getByTestId('dry-verdict')).toContainText('Anthropic, claude-sonnet-4-5');
});

test('a new route is made from the palette, whatever screen is open', async ({ page, open }) => {
  await open('scene=routes&routes=well');
  for (const again of [1, 2]) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('new route');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('route-name')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(item(page, 'New route')).toHaveCount(again);
  }
});

test('rules save by themselves, say what is wrong and lose nothing', async ({ page, open }) => {
  await open('scene=routes');
  await openRoutes(page, 'Careful');
  const rules = page.getByTestId('rules');
  await page.getByTestId('rule-tries').fill('9');
  await page.getByTestId('rule-tries').press('Enter');
  await expect(rules).toContainText('From 1 to 6.');
  await page.getByTestId('rule-longest-wait').fill('200 ms');
  await page.getByTestId('rule-longest-wait').press('Enter');
  await expect(rules).toContainText('Not shorter than the first wait, at most 2 min.');
  await page.getByTestId('rule-rest').fill('90');
  await page.getByTestId('rule-rest').press('Enter');
  await expect(rules.getByText('Saved')).toBeVisible();
  await page.getByTestId('move-on-refused').check();
  await page.getByTestId('after-continue').click();
  await page.keyboard.press('Control+1');
  await openRoutes(page);
  await expect(page.getByTestId('rule-tries')).toHaveValue('9');
  await expect(page.getByTestId('rule-rest')).toHaveValue('90 s');
  await expect(page.getByTestId('rule-longest-wait')).toHaveValue('200 ms');
  await expect(page.getByTestId('move-on-refused')).toBeChecked();
  await expect(page.getByTestId('after-continue')).toHaveAttribute('aria-checked', 'true');
  await page.getByTestId('rule-tries').focus();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('rule-tries')).toHaveValue('2');
  await expect(page.getByTestId('cache-ttl')).toHaveCount(0);
  await page.getByRole('switch', { name: 'Keep answers and tell them again' }).click();
  await expect(page.getByTestId('cache-ttl')).toHaveValue('1 d');
});

test('a target is added with a key and parameters of its own, changed and removed', async ({
  page,
  open,
}) => {
  await open('scene=routes&routes=well');
  await openRoutes(page, 'Fast');
  await page.getByTestId('add-target').click();
  await page.getByTestId('target-provider').selectOption('Anthropic');
  await page.getByTestId('target-model-field').fill('');
  await page.getByTestId('target-save').click();
  await expect(page.getByTestId('target-dialog')).toContainText('Choose or type a model.');
  await page.getByTestId('target-model-field').fill('a-model-of-tomorrow');
  await page.getByTestId('target-account').selectOption('Work');
  await page.getByTestId('target-overrides').locator('summary').click();
  await page.getByTestId('target-temperature').fill('3');
  await page.getByTestId('target-save').click();
  await expect(page.getByTestId('target-dialog')).toContainText('A number from 0 to 2.');
  await page.getByTestId('target-temperature').fill('0.2');
  await page.getByTestId('target-save').click();
  await expect(targets(page)).toHaveCount(3);
  await expect(targets(page).nth(2)).toContainText('Only with Work, temperature 0.2');
  await expect(targets(page).nth(2).getByTestId('target-model')).toHaveValue('a-model-of-tomorrow');
  await expect(page.getByTestId('add-target')).toBeFocused();
  await targets(page).nth(2).getByTestId('target-model').selectOption('claude-haiku-4-5');
  await expect(targets(page).nth(2).getByTestId('target-model')).toHaveValue('claude-haiku-4-5');
  await expect(targets(page).nth(2).getByTestId('target-model')).toBeFocused();
  await grip(page, 0).focus();
  await page.keyboard.press('Delete');
  await expect.poll(() => order(page)).toEqual(['OpenAI', 'Anthropic']);
  await expect(grip(page, 0)).toBeFocused();
  await page.keyboard.press('Control+z');
  await expect.poll(() => order(page)).toEqual(['Groq', 'OpenAI', 'Anthropic']);
  await openRoutes(page, 'Local only');
  await grip(page, 0).focus();
  await page.keyboard.press('Delete');
  await expect(targets(page)).toContainText('A route needs a target.');
});

test('a route is made, named, made the default, duplicated, deleted and brought back', async ({
  page,
  open,
}) => {
  await open('scene=routes&routes=well');
  await openRoutes(page);
  await page.getByTestId('new-route').click();
  await expect(page.getByTestId('route-name')).toBeFocused();
  await page.getByTestId('route-name').fill('');
  await page.keyboard.press('Enter');
  await expect(page.getByText('A route needs a name.')).toBeVisible();
  await page.getByTestId('route-name').fill('Night shift');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Night shift');
  await expect(page.getByTestId('rename-route')).toBeFocused();
  await expect(targets(page)).toHaveCount(1);
  const usual = page.getByRole('switch', { name: 'Default for new chats' });
  await usual.click();
  await expect(usual).toBeChecked();
  await page.getByTestId('duplicate-route').click();
  await expect(page.getByTestId('route-name')).toHaveValue('Night shift copy');
  await page.keyboard.press('Escape');
  await expect(usual).not.toBeChecked();
  await item(page, 'Night shift').first().click();
  await page.getByRole('button', { name: 'More for Night shift', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete route' }).click();
  await expect(item(page, 'Night shift')).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(item(page, 'Night shift')).toHaveCount(2);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Night shift');
  await expect(usual).toBeChecked();
});

test('the built-in route shows who would be asked for a model, and stays', async ({ page, open }) => {
  await open('scene=routes&routes=well');
  await openRoutes(page, 'In my order');
  await page.getByTestId('in-order-model').fill('gpt-5.6');
  await expect(page.getByTestId('dry-verdict')).toContainText('OpenAI, gpt-5.6');
  await page.getByTestId('in-order-model').fill('nobody-has-this');
  await expect(page.getByText('No provider in use offers this model.')).toBeVisible();
  await expect(page.getByTestId('strategy-weighted')).toHaveCount(0);
  await expect(page.getByTestId('duplicate-route')).toHaveCount(0);
});

test('switches are read page by page and lead to their answers', async ({ page, open }) => {
  await open('scene=routes');
  await openRoutes(page, 'Careful');
  const rows = page.getByTestId('switch');
  await expect(rows).toHaveCount(5);
  await expect(rows.first()).toContainText('Overloaded (529), tried twice');
  await page.getByTestId('all-switches').click();
  await expect(rows).toHaveCount(20);
  await page.getByTestId('more-switches').click();
  await expect(rows).toHaveCount(40);
  await rows.first().getByRole('button').focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows.nth(1).getByRole('button')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-assistant').first()).toBeVisible();
});

test('a switch whose chat is in the trash says so, and takes it out', async ({ page, open }) => {
  await open('scene=routes');
  await chatNamed(page, MAIN).click();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('delete this chat');
  await page.keyboard.press('Enter');
  await expect(chatNamed(page, MAIN)).toHaveCount(0);
  await openRoutes(page, 'Careful');
  const door = page.getByTestId('switch').first().getByRole('button');
  await expect(door).toHaveAccessibleName(/^Take its chat out of the trash and open the answer of/);
  await expect(door).toHaveAttribute('title', 'Its chat is in the trash. Opening it takes it out.');
  await door.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(MAIN);
  await expect(page.getByTestId('message-assistant').first()).toBeVisible();
  await expect(chatNamed(page, MAIN)).toHaveCount(1);
});

test('without a route one is suggested, without a provider the way to them', async ({ page, open }) => {
  await open('scene=routes&routes=none');
  await page.keyboard.press('Control+4');
  await expect(page.getByTestId('suggested-route')).toContainText('Everyday');
  await page.getByTestId('create-suggested').click();
  await expect(page.getByTestId('route-name')).toHaveValue('Everyday');
  await expect(targets(page)).toHaveCount(4);
});

test('without a provider the page leads to them', async ({ page, open }) => {
  await open('scene=empty');
  await openRoutes(page);
  await page.getByRole('button', { name: 'Go to Providers' }).click();
  await expect(page.getByTestId('nav-providers')).toHaveAttribute('aria-current', 'page');
});

const looks: [name: string, query: string, way: (page: Page) => Promise<void>][] = [
  ['a route', 'scene=routes', (page) => openRoutes(page, 'Careful')],
  ['long names', 'scene=routes&routes=long', (page) => openRoutes(page)],
  ['everybody out', 'scene=routes&routes=all-out', (page) => openRoutes(page, 'Team split')],
  ['the built-in route', 'scene=routes', (page) => openRoutes(page, 'In my order')],
  ['the suggestion', 'scene=routes&routes=none', (page) => openRoutes(page)],
];

/** What stands out of the window or of its card sideways. */
const tooWide = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, input, select, h1, .card, [data-testid="target"] *')]
      .filter((element) => {
        const { width, right } = element.getBoundingClientRect();
        const edge = Math.min(
          innerWidth,
          element.closest('.card')?.getBoundingClientRect().right ?? Infinity,
        );
        return width > 0 && right > edge + 1 && !element.closest('.vh') && element.tagName !== 'OPTION';
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );

for (const theme of ['light', 'dark']) {
  for (const [name, query, way] of looks) {
    test(`${name} in ${theme} passes axe and does not overflow`, async ({ page, open }) => {
      await open(`${query}&theme=${theme}`);
      await way(page);
      expect(await axeFindings(page)).toEqual([]);
      for (const [width, height] of windows) {
        await page.setViewportSize({ width, height });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await tooWide(page)).toEqual([]);
      }
    });
  }
}
