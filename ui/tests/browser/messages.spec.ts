import type { Locator, Page } from '@playwright/test';
import { chatNamed, expect, lastAnswer, test } from './page';

const log = (page: Page) => page.getByRole('log');
const question = (page: Page, turn: number) =>
  page.getByTestId('message-user').filter({ hasText: `Question number ${turn}.` });
const answerOf = (page: Page, turn: number) =>
  page.getByTestId('message-assistant').filter({ hasText: `Answer number ${turn}.` });
const fromEnd = (page: Page) =>
  log(page).evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
/** Goes to a part of the chat, and waits until what stands there is built and has its text. */
async function scrollTo(page: Page, part: number): Promise<void> {
  await log(page).evaluate(async (box, at) => {
    box.scrollTop = (box.scrollHeight - box.clientHeight) * at;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }, part);
  await expect(page.getByTestId('message-waiting')).toHaveCount(0);
}
/** Where a thing stands in the window. */
const top = (thing: Locator) => thing.evaluate((element) => element.getBoundingClientRect().top);

/** The turns that stand in the log, in the order they are seen. */
const turns = (page: Page) =>
  page
    .getByTestId('message-user')
    .evaluateAll((all) => all.map((turn) => Number(/number (\d+)\./.exec(turn.textContent ?? '')?.[1])));

async function openHuge(page: Page, open: (query: string) => Promise<void>) {
  await open('scene=huge&pace=10');
  await chatNamed(page, 'Ten thousand').click();
  await expect(answerOf(page, 5000)).toBeInViewport();
}

test('ten thousand messages open at their end and cost what is seen', async ({ page, open }) => {
  await openHuge(page, open);
  expect(await fromEnd(page)).toBeLessThan(2);
  expect(await page.getByTestId('message-user').count()).toBeLessThan(30);
  await scrollTo(page, 0);
  await expect(question(page, 1)).toBeInViewport();
  await expect(answerOf(page, 1)).toBeVisible();
  await scrollTo(page, 0.5);
  const seen = await turns(page);
  expect(seen.every((turn) => turn > 2000 && turn < 3000)).toBe(true);
  expect(seen).toEqual(seen.map((_, at) => (seen[0] ?? 0) + at));
  expect(await page.locator('[data-slot]').count()).toBeLessThan(40);
});

test('what is read stays where it is while what is above is measured', async ({ page, open }) => {
  await openHuge(page, open);
  await scrollTo(page, 0.3);
  // Going up builds rows of unknown height above; each step must move the text by the step and no more.
  const off: number[] = [];
  for (let step = 0; step < 25; step += 1) {
    off.push(
      await log(page).evaluate(async (box) => {
        const edge = box.getBoundingClientRect().top;
        const row = [...box.querySelectorAll('[data-slot]')].find(
          (one) => one.getBoundingClientRect().bottom > edge + 1,
        );
        const before = row?.getBoundingClientRect().top ?? 0;
        box.scrollTop -= 240;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        return Math.abs((row?.getBoundingClientRect().top ?? 0) - before - 240);
      }),
    );
  }
  expect(Math.max(...off)).toBeLessThanOrEqual(1.5);
});

test('a reader who went away comes back to the same place', async ({ page, open }) => {
  await openHuge(page, open);
  await scrollTo(page, 0.25);
  const [first] = await turns(page);
  const seen = question(page, (first ?? 0) + 3);
  const before = await top(seen);
  await chatNamed(page, 'Trip to Porto').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trip to Porto, four days');
  await chatNamed(page, 'Ten thousand').click();
  await expect(seen).toBeVisible();
  await expect.poll(async () => Math.abs((await top(seen)) - before)).toBeLessThanOrEqual(1.5);
});

test('Alt with the arrows goes from question to question', async ({ page, open }) => {
  await openHuge(page, open);
  await log(page).focus();
  await scrollTo(page, 0.5);
  const edge = (await log(page).boundingBox())?.y ?? 0;
  const atEdge = async () => {
    for (const turn of await turns(page)) {
      const place = (await top(question(page, turn))) - edge;
      if (place > 10 && place < 22) return turn;
    }
    return 0;
  };
  await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(atEdge).toBeGreaterThan(0);
  const first = await atEdge();
  await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(atEdge).toBe(first + 1);
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(atEdge).toBe(first - 1);
});

test('text that streams does not move what a reader reads', async ({ page, open }) => {
  await open('scene=huge&pace=60');
  await chatNamed(page, 'Ten thousand').click();
  await page.getByTestId('composer').fill('One more');
  await page.keyboard.press('Enter');
  await expect(lastAnswer(page)).toContainText('You asked');
  await expect(page.getByTestId('message-user').last()).toBeInViewport();
  await log(page).hover();
  await page.mouse.wheel(0, -300);
  const pill = page.getByRole('button', { name: 'New text below' });
  await expect(pill).toBeVisible();
  const still = page.getByTestId('message-user').last();
  const before = await top(still);
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete', { timeout: 20_000 });
  expect(Math.abs((await top(still)) - before)).toBeLessThanOrEqual(1);
  await page.getByRole('button', { name: /New text below|Jump to the end/ }).click();
  await expect.poll(() => fromEnd(page)).toBeLessThan(2);
});

test('a question is asked anew, and both versions stay', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  await chatNamed(page, 'Batching').click();
  const asked = page.getByTestId('message-user').last();
  await asked.hover();
  await asked.getByTestId('edit').click();
  const field = page.getByLabel('Edit your message');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('Shorter: a rule of thumb for the pager runbook.');
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(asked.getByTestId('edit')).toBeFocused();
  await page.keyboard.press('Enter');
  await field.fill('Longer: the whole page.');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('message-user').last()).toContainText('Longer: the whole page.');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await expect(lastAnswer(page)).toContainText('You asked: “Longer: the whole page.”');
  await expect(page.getByTestId('message-user').last()).toContainText('2/2');
  await page.getByTestId('message-user').last().getByLabel('Older version').click();
  await expect(page.getByTestId('message-user').last()).toContainText('Shorter: a rule of thumb');
  await expect(page.getByTestId('message-user').last()).toContainText('1/2');
  await expect(lastAnswer(page)).toContainText('Groq closed the connection.');
});

test('words are corrected in place without asking', async ({ page, open }) => {
  await open('scene=states');
  await chatNamed(page, 'Every state').click();
  await scrollTo(page, 0);
  const asked = page.getByTestId('message-user').first();
  await expect(asked.getByRole('button', { name: 'Show diagram.png larger' })).toBeEnabled();
  await expect(asked).toContainText('latency-nov.csv');
  await asked.hover();
  await asked.getByTestId('edit').click();
  await page.getByLabel('Edit your message').fill('What do these files say?');
  await page.getByRole('button', { name: 'Leave out latency-nov.csv' }).click();
  await expect(page.getByTestId('save-edit')).toBeDisabled();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await asked.getByTestId('edit').click();
  await page.getByLabel('Edit your message').fill('What do these files say?');
  await page.getByTestId('save-edit').click();
  await expect(asked).toContainText('What do these files say?');
  await expect(asked).toContainText('latency-nov.csv');
  await expect(page.getByTestId('message-assistant').first()).toContainText('A picture and a table.');
});

test('a picture opens larger and closes to where it was', async ({ page, open }) => {
  await open('scene=states');
  await chatNamed(page, 'Every state').click();
  await scrollTo(page, 0);
  const small = page.getByRole('button', { name: 'Show diagram.png larger' });
  await small.click();
  await expect(page.getByTestId('picture')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('picture')).toHaveCount(0);
  await expect(small).toBeFocused();
});

test('what is deleted comes back with a click or with the keyboard', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching').click();
  const asked = page.getByTestId('message-user');
  await asked.last().hover();
  await asked.last().getByTestId('delete').click();
  await expect(page.getByTestId('toast')).toContainText('2 messages deleted.');
  await expect(asked).toHaveCount(1);
  await expect(page.getByTestId('message-assistant')).toHaveCount(1);
  await lastAnswer(page).getByRole('button', { name: 'More for this answer' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByTestId('message-assistant')).toHaveCount(0);
  await expect(page.getByTestId('toast')).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByTestId('message-assistant')).toHaveCount(1);
  await page.keyboard.press('Control+z');
  await expect(asked).toHaveCount(2);
  await expect(lastAnswer(page)).toContainText('Groq closed the connection.');
  await expect(page.getByTestId('toast')).toHaveCount(0);
});

test('Ctrl Z in a field with words belongs to the field', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching').click();
  const asked = page.getByTestId('message-user');
  await asked.last().hover();
  await asked.last().getByTestId('delete').click();
  await expect(asked).toHaveCount(1);
  const composer = page.getByTestId('composer');
  await composer.pressSequentially('x');
  await page.keyboard.press('Control+z');
  await expect(asked).toHaveCount(1);
  await expect(composer).toHaveValue('');
});

test('a chat branches off, and the way back is offered', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching').click();
  await scrollTo(page, 0);
  await page.getByTestId('message-assistant').first().getByTestId('branch').click();
  await expect(page.getByTestId('toast')).toContainText('A new chat begins');
  await expect(page.getByTestId('message-assistant')).toHaveCount(1);
  await expect(chatNamed(page, 'Batching')).toHaveCount(2);
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByTestId('message-assistant')).toHaveCount(2);
});

test('the actions of a message are one tab stop, with arrows inside', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching').click();
  const bar = lastAnswer(page).getByRole('toolbar');
  const copy = bar.getByRole('button', { name: 'Copy answer' });
  await copy.focus();
  await page.keyboard.press('ArrowRight');
  await expect(bar.getByTestId('branch')).toBeFocused();
  await page.keyboard.press('End');
  await expect(bar.getByRole('button', { name: 'More for this answer' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(copy).toBeFocused();
  expect(
    await bar
      .locator('button')
      .evaluateAll((all) => all.filter((one) => (one as HTMLElement).tabIndex === 0).length),
  ).toBe(1);
});

test('the bar of a chat archives it and takes that back', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Trip to Porto').click();
  await page.getByRole('button', { name: 'More for this chat' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(chatNamed(page, 'Trip to Porto')).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(chatNamed(page, 'Trip to Porto')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Trip to Porto, four days');
});

test('a failure is said at once, and once', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  await page.keyboard.press('Control+l');
  await expect(page.getByTestId('model-picker')).toBeVisible();
  await page.keyboard.type('failing');
  await page.keyboard.press('Enter');
  await page.getByTestId('composer').fill('Will this work?');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('alarm')).toContainText('The answer failed.');
  await expect(page.getByTestId('alarm')).toContainText('overloaded');
  await expect(page.getByTestId('announcer')).toHaveText('');
});

test('a message that was searched for is gone to and shown', async ({ page, open }) => {
  await openHuge(page, open);
  const id = await page.evaluate(() => {
    const { app } = window as unknown as {
      app: { jumpTo: string | null; session: { chat: { spine: { id: string }[] } } };
    };
    const { id } = app.session.chat.spine[2 * 1233] ?? { id: '' };
    app.jumpTo = id;
    return id;
  });
  const wanted = question(page, 1234);
  await expect(wanted).toBeInViewport();
  await expect(wanted).toHaveAttribute('data-message', id);
  await expect(page.locator('.found').filter({ has: wanted })).toHaveCount(1);
  await expect(page.locator('.found')).toHaveCount(0);
  await expect(answerOf(page, 1234)).toBeVisible();
  const edge = (await log(page).boundingBox())?.y ?? 0;
  expect(Math.abs((await top(wanted)) - edge - 16)).toBeLessThanOrEqual(2);
});

test('what is selected and what is being rewritten stay while the reader is elsewhere', async ({
  page,
  open,
}) => {
  await openHuge(page, open);
  const last = question(page, 5000);
  await last.hover();
  await last.getByTestId('edit').click();
  const field = page.getByLabel('Edit your message');
  await field.fill('Half a thought');
  await answerOf(page, 4999).evaluate((answer) => document.getSelection()?.selectAllChildren(answer));
  await scrollTo(page, 0.2);
  await expect(answerOf(page, 4999)).not.toBeInViewport();
  expect(await page.evaluate(() => document.getSelection()?.toString())).toContain('Answer number 4999.');
  // As a person does it. A selection taken away by a script leaves a field that has the focus and no caret, and
  // Chromium shows such a field again as soon as the pointer is driven: the list would come to its end by itself.
  await log(page).click({ position: { x: 40, y: 300 } });
  expect(await page.evaluate(() => document.getSelection()?.isCollapsed)).toBe(true);
  await expect(field).not.toBeFocused();
  await expect(field).not.toBeInViewport();
  await page.getByRole('button', { name: 'Jump to the end' }).click();
  await expect(field).toHaveValue('Half a thought');
});

test('a thumb is pressed by keyboard, kept, and taken back by pressing it again', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching').click();
  const bar = lastAnswer(page).getByRole('toolbar');
  const up = bar.getByRole('button', { name: 'Good answer' });
  const down = bar.getByRole('button', { name: 'Bad answer' });
  await bar.getByTestId('branch').focus();
  await page.keyboard.press('ArrowRight');
  await expect(up).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(up).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(down).toHaveAttribute('aria-pressed', 'true');
  await expect(up).toHaveAttribute('aria-pressed', 'false');
  // It is there again when the chat is opened again.
  await page.getByTestId('new-chat').first().click();
  await expect(page.getByTestId('message-assistant')).toHaveCount(0);
  await chatNamed(page, 'Batching').click();
  await expect(down).toHaveAttribute('aria-pressed', 'true');
  await down.click();
  await expect(down).toHaveAttribute('aria-pressed', 'false');
  await expect(down).toBeFocused();
});
