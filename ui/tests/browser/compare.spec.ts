import type { Page } from '@playwright/test';
import { axeFindings, expect, lastAnswer, test, windows } from './page';

const SCENE = 'scene=compare&theme=light&pace=8';
const lanes = (page: Page) => page.getByTestId('lane');
const lane = (page: Page, name: string) => lanes(page).filter({ hasText: name });
const composer = (page: Page) => page.getByTestId('compare-composer');
const said = (page: Page) => page.getByTestId('announcer');

async function begin(page: Page) {
  await page.keyboard.press('Control+2');
  await expect(lanes(page).first()).toBeVisible();
  await expect(composer(page)).toBeFocused();
}

/** Opens the comparison of the scene from the list of chats. */
async function openStored(page: Page, title = 'Idempotency keys') {
  await page.getByTestId('nav-chat').click();
  await page.getByTestId('chat-item').filter({ hasText: title }).click();
  await expect(page.getByTestId('prompt-text')).toBeVisible();
}

const states = (page: Page, state: string) => page.locator(`[data-testid="lane"][data-state="${state}"]`);

test('by keyboard: a prompt to four, one fails and is asked again, a vote, on with the winner', async ({
  page,
  open,
}) => {
  await open(`${SCENE}&script=fail:gemini`);
  await begin(page);
  await expect(lanes(page)).toHaveCount(4);
  await expect(page.getByTestId('compare-estimate')).toContainText('for 4');
  await page.keyboard.type('Explain idempotency keys.');
  await page.keyboard.press('Enter');
  // The columns have the keyboard now, to be read and judged.
  await expect(lanes(page).first()).toBeFocused();
  await expect(page.getByTestId('totals')).toContainText('streaming');
  await expect(states(page, 'failed')).toHaveCount(1);
  await expect(states(page, 'complete')).toHaveCount(3);
  await expect(lane(page, 'gemini-2.5-pro').getByTestId('lane-failure')).toContainText('429');
  // The failing column touched no other.
  await expect(lane(page, 'llama-3.3').getByText('idempotency key', { exact: true })).toBeVisible();

  await page.keyboard.press('End');
  await expect(lanes(page).last()).toBeFocused();
  await lane(page, 'gemini-2.5-pro').getByTestId('lane-retry').focus();
  await page.keyboard.press('Enter');
  await expect(states(page, 'complete')).toHaveCount(4);
  await expect(lane(page, 'gemini-2.5-pro').getByRole('group', { name: 'Version 2 of 2' })).toBeVisible();
  await expect(page.getByText('Fastest', { exact: true })).toHaveCount(1);

  await lanes(page).first().focus();
  await page.keyboard.press('2');
  await expect(page.getByTestId('verdict')).toContainText('Best: llama-3.3-70b-versatile');
  await expect(said(page)).toHaveText('llama-3.3-70b-versatile is best');
  await page.keyboard.press('2');
  await expect(page.getByTestId('verdict')).toHaveCount(0);
  await page.keyboard.press('2');
  await lane(page, 'llama-3.3').getByTestId('lane-continue').focus();
  await page.keyboard.press('Enter');
  await expect(lastAnswer(page)).toContainText('cheap insurance');
  await expect(page.getByTestId('nav-chat')).toHaveAttribute('aria-current', 'page');
});

test('names stay hidden until a vote', async ({ page, open }) => {
  await open(`${SCENE}&script=fail:gemini`);
  await begin(page);
  await page.getByRole('switch', { name: /Hide names/ }).click();
  await composer(page).fill('Explain idempotency keys.');
  await page.keyboard.press('Enter');
  await expect(states(page, 'complete')).toHaveCount(3);
  await expect(states(page, 'failed')).toHaveCount(1);
  await expect(lanes(page).first()).toHaveAttribute('aria-label', 'Answer A');
  // Nothing on the page tells them: no text, no tooltip, no label, no hue.
  const main = await page.locator('main').innerHTML();
  for (const name of ['claude', 'llama', 'deepseek', 'gemini', 'Anthropic', 'Groq', 'DeepSeek', 'Google'])
    expect(main).not.toContain(name);
  for (const hue of ['clay', 'rose', 'olive', 'sky']) expect(main).not.toContain(` ${hue} `);
  expect(await said(page).innerText()).not.toMatch(/claude|llama|deepseek|gemini/);
  await expect(lanes(page).first().getByTestId('lane-continue')).toBeDisabled();

  // A ranking with two in one place.
  await lanes(page).first().focus();
  await page.keyboard.press('r');
  await page.keyboard.press('2');
  await page.keyboard.press('3');
  await page.keyboard.press('Shift+Digit4');
  await expect(page.getByTestId('judge-bar')).toContainText('Answer B, then Answer C and Answer D');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('verdict')).toContainText('voted blind');
  await expect(lanes(page).first()).toContainText('gemini-2.5-pro');
  await expect(lanes(page).first().getByTestId('lane-continue')).toBeDisabled();
});

test('a set of one’s own: made, used, renamed, deleted and brought back', async ({ page, open }) => {
  await open(SCENE);
  await begin(page);
  await page.getByTestId('add-lane').click();
  await page.keyboard.type('gpt-5.4-nano');
  await page.keyboard.press('Enter');
  await expect(lanes(page)).toHaveCount(5);
  await expect(page.getByTestId('set-menu')).toContainText('changed');
  await page.getByTestId('set-menu').click();
  await page.getByTestId('set-save-as').click();
  await page.getByTestId('set-name').fill('Cheap and quick');
  await page.keyboard.press('Enter');
  await expect(page.getByText('There is a set of this name')).toBeVisible();
  await page.getByTestId('set-name').fill('Five');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('set-menu')).toContainText('Five');
  await page.getByTestId('set-menu').click();
  await page.getByTestId('set').filter({ hasText: 'Cheap and quick' }).click();
  await expect(lanes(page)).toHaveCount(3);
  await page.getByTestId('set-menu').click();
  await page.getByRole('button', { name: 'Delete Five' }).click();
  await expect(page.getByTestId('set')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByTestId('set-menu').click();
  await expect(page.getByTestId('set')).toHaveCount(3);
});

test('a lane has its own parameters, its own target, and a place', async ({ page, open }) => {
  await open(SCENE);
  await begin(page);
  await lane(page, 'llama-3.3').getByTestId('lane-setup').click();
  await page.getByTestId('system-prompt').fill('Be brief.');
  await page.keyboard.press('Escape');
  await expect(lane(page, 'llama-3.3')).toContainText('1 set');
  await expect(lane(page, 'claude')).not.toContainText('1 set');
  await lane(page, 'deepseek').getByTestId('lane-change').click();
  await page.keyboard.type('Team split');
  await page.keyboard.press('Enter');
  await expect(lane(page, 'Team split')).toHaveCount(1);
  await lane(page, 'llama-3.3')
    .getByRole('button', { name: /^More for/ })
    .click();
  await page.getByRole('menuitem', { name: 'Move left' }).click();
  await expect(lanes(page).first()).toContainText('llama-3.3');
  await page.getByRole('button', { name: /^More for gemini/ }).click();
  await page.getByTestId('remove-lane').click();
  await expect(lanes(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(lanes(page)).toHaveCount(4);
});

test('only those that are ticked are asked; a picture is refused where it cannot be seen', async ({
  page,
  open,
}) => {
  await open(SCENE);
  await begin(page);
  await page.getByTestId('compare-file-picker').setInputFiles({
    name: 'plan.png',
    mimeType: 'image/png',
    buffer: Buffer.from('picture'),
  });
  await expect(page.getByTestId('cannot-take')).toContainText('llama-3.3-70b-versatile and deepseek-chat');
  await page.getByTestId('asked-menu').click();
  await page.getByRole('checkbox', { name: 'claude-sonnet-4-5' }).uncheck();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('asked-menu')).toHaveText('To 3 of 4');
  await composer(page).fill('What is on it?');
  await page.keyboard.press('Enter');
  await expect(states(page, 'complete')).toHaveCount(1);
  await expect(lane(page, 'llama-3.3').getByTestId('lane-failure')).toContainText('It takes no pictures.');
  await expect(lane(page, 'claude')).toContainText('Not asked');
});

test('a queue, Stop and Stop all; a broken answer goes on', async ({ page, open }) => {
  await open(`${SCENE}&script=hold:claude,queue:deepseek,cut:llama`);
  await begin(page);
  await page.keyboard.type('Explain idempotency keys.');
  await page.keyboard.press('Enter');
  await expect(states(page, 'queued')).toHaveCount(1);
  await expect(lane(page, 'deepseek')).toContainText('Waiting for its turn: 1 before it.');
  await expect(states(page, 'interrupted')).toHaveCount(1);
  await lane(page, 'llama-3.3').getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(lane(page, 'llama-3.3')).toContainText('the second request changes nothing at all.');
  await page.keyboard.press('Control+.');
  await expect(states(page, 'streaming')).toHaveCount(0);
  await expect(states(page, 'cancelled')).not.toHaveCount(0);
  await expect(page.getByTestId('stop-all')).toHaveCount(0);
});

test('follow-ups: each its own history, or one for all; a prompt is asked anew', async ({ page, open }) => {
  await open(SCENE);
  await openStored(page, 'Names for a file format');
  await expect(page.getByTestId('prompt-place')).toHaveText('Prompt 3 of 3');
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(page.getByTestId('prompt-place')).toHaveText('Prompt 1 of 3');
  await expect(page.getByTestId('verdict')).toContainText('Best: llama-3.3-70b-versatile');
  await page.getByTestId('next-prompt').click();
  await page.getByTestId('next-prompt').click();

  await page.getByRole('button', { name: /^More for llama/ }).click();
  await page.getByTestId('share-from').click();
  await expect(page.getByTestId('shared-from')).toContainText('the answer of llama-3.3-70b-versatile');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('shared-from')).toHaveCount(0);
  await page.getByRole('button', { name: /^More for llama/ }).click();
  await page.getByTestId('share-from').click();
  await composer(page).fill('One more.');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('prompt-bar')).toContainText('all went on from llama-3.3-70b-versatile');
  await expect(states(page, 'complete')).toHaveCount(3);

  await page.getByTestId('rerun').click();
  await expect(composer(page)).toHaveValue('One more.');
  await composer(page).fill('Two more.');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('prompt-text')).toHaveText('Two more.');
  await expect(page.getByTestId('prompt-place')).toHaveText('Prompt 4 of 4');
});

test('answers become one, and say what of', async ({ page, open }) => {
  await open(SCENE);
  await openStored(page);
  await lane(page, 'gemini').getByRole('checkbox').uncheck();
  await expect(page.getByTestId('merge-bar')).toContainText('Merge 3 answers');
  await page.getByTestId('merge-table').click();
  await page.getByTestId('merge').click();
  await expect(lanes(page)).toHaveCount(5);
  const merged = lanes(page).last();
  await expect(merged).toContainText(
    'Merged from claude-sonnet-4-5, llama-3.3-70b-versatile and deepseek-chat',
  );
  await expect(merged.getByRole('table')).toBeVisible();
  await expect(merged).toHaveAttribute('data-state', 'complete');
});

test('a note and tags, a table for the clipboard, a file', async ({ page, open, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(SCENE);
  await openStored(page);
  await lane(page, 'claude').getByTestId('lane-best').click();
  await page.getByTestId('verdict-note').click();
  await page.getByTestId('note-field').fill('It tells a story.');
  await page.getByTestId('tag-field').fill('Explain');
  await page.keyboard.press('Enter');
  await page.getByTestId('note-done').click();
  await expect(page.getByTestId('judge-bar')).toContainText('explain');
  await expect(page.getByTestId('verdict')).toContainText('Best: claude-sonnet-4-5');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByTestId('copy-table').click();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toContain('| claude-sonnet-4-5 | Anthropic | done | 1.0 s |');
  expect(text).toContain('## deepseek-chat (DeepSeek)');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Export as Markdown' }).click();
  await expect(page.getByText('Exported to /home/person/Downloads/parlance-comparison.md')).toBeVisible();
});

test('a comparison is found, renamed, deleted and brought back; a chat never opens as one', async ({
  page,
  open,
}) => {
  await open(SCENE);
  await page.keyboard.press('Control+k');
  // It is fetched when it is first asked for.
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('coat check');
  await page.getByRole('option').filter({ hasText: 'coat check' }).first().click();
  await expect(lane(page, 'gemini-2.5-pro')).toBeFocused();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Name of the comparison' }).fill('Keys');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Keys' })).toBeVisible();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Compare' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Keys' })).toBeVisible();
  await page.getByTestId('nav-chat').click();
  await expect(lanes(page)).toHaveCount(0);
  await page.getByTestId('chat-item').filter({ hasText: 'Regex for ISO week dates' }).click();
  await expect(lanes(page)).toHaveCount(0);
});

test('over budget is asked about, and what was typed stays', async ({ page, open }) => {
  await open(`${SCENE}&budgets=ask`);
  await begin(page);
  await page.keyboard.type('Expensive.');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('over-budget')).toBeVisible();
  await expect(composer(page)).toHaveValue('Expensive.');
  await page.getByTestId('send-anyway').click();
  await expect(page.getByTestId('prompt-text')).toHaveText('Expensive.');
});

test('nothing is lost when the page attaches anew while eight are written', async ({ page, open }) => {
  await open(`${SCENE}&lanes=8&script=hold:claude,hold:gpt`);
  await begin(page);
  await page.keyboard.type('Explain idempotency keys.');
  await page.keyboard.press('Enter');
  await expect(lane(page, 'claude-sonnet')).toContainText('Picture a customer');
  await page.evaluate(async () => {
    const { app } = window as unknown as { app: { runs: { attach: () => Promise<void> } } };
    await app.runs.attach();
  });
  await expect(lane(page, 'claude-sonnet')).toContainText('Which actions need one.');
  await expect(states(page, 'complete')).not.toHaveCount(0);
});

test('columns and stack, in every window', async ({ page, open }) => {
  await open(`${SCENE}&state=live&lanes=8`);
  await openStored(page);
  await expect(lanes(page)).toHaveCount(8);
  for (const box of await lanes(page).all())
    expect((await box.boundingBox())?.width).toBeGreaterThanOrEqual(300);
  await page.keyboard.press('Alt+ArrowRight');
  await page.getByTestId('layout-stack').click();
  await expect(lanes(page)).toHaveCount(1);
  await page.getByTestId('lane-tab').first().focus();
  await page.keyboard.press('End');
  await expect(page.getByTestId('lane-tab').last()).toHaveAttribute('aria-selected', 'true');
  await page.getByTestId('layout-columns').click();
  for (const [width, height] of windows) {
    await page.setViewportSize({ width, height });
    await expect(lanes(page)).toHaveCount(width < 960 ? 1 : 8);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await expect(composer(page)).toBeInViewport();
  }
});

for (const theme of ['light', 'dark'])
  for (const state of ['live', 'blind', 'judged', 'merged', 'first'])
    test(`axe finds nothing: ${state}, ${theme}`, async ({ page, open }) => {
      await open(`scene=compare&theme=${theme}&state=${state}&pace=400`);
      if (state === 'first') await begin(page);
      else await openStored(page);
      await expect(lanes(page).first()).toBeVisible();
      expect(await axeFindings(page)).toEqual([]);
      await page.setViewportSize({ width: 720, height: 560 });
      expect(await axeFindings(page)).toEqual([]);
    });

test('the end of a column is followed; who reads above it is left there', async ({ page, open }) => {
  await open(`${SCENE}&script=hold:claude`);
  await page.setViewportSize({ width: 1200, height: 560 });
  await begin(page);
  await page.keyboard.type('Explain idempotency keys.');
  await page.keyboard.press('Enter');
  const box = lane(page, 'claude-sonnet').locator('[data-scroller]');
  /** How far the end of the text is below the end of the box, and where its second block stands. */
  const places = () =>
    box.evaluate((node) => ({
      below:
        (node.firstElementChild ?? node).getBoundingClientRect().bottom - node.getBoundingClientRect().bottom,
      second: node.querySelectorAll('.prose > *')[1]?.getBoundingClientRect().top ?? 0,
      height: node.scrollHeight,
    }));
  await expect.poll(async () => (await places()).height).toBeGreaterThan(500);
  expect(Math.abs((await places()).below)).toBeLessThanOrEqual(1);
  // Only the column somebody is in can be scrolled by hand: each that can be costs the engine a surface of its own.
  await expect(box).toHaveCSS('overflow-y', 'hidden');
  await box.hover();
  await expect(box).toHaveCSS('overflow-y', 'auto');
  await page.mouse.wheel(0, -150);
  await expect(page.getByRole('button', { name: 'New text below' })).toBeVisible();
  const before = await places();
  await expect.poll(async () => (await places()).height).toBeGreaterThan(before.height + 40);
  expect(Math.abs((await places()).second - before.second)).toBeLessThanOrEqual(1);
  await page.getByRole('button', { name: 'New text below' }).click();
  await expect.poll(async () => Math.abs((await places()).below)).toBeLessThanOrEqual(1);
});
