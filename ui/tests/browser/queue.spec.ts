import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, lastAnswer, test } from './page';

async function ask(page: Page, words: string) {
  await page.getByTestId('composer').fill(words);
  await page.getByTestId('composer').press('Enter');
  await expect(lastAnswer(page)).toBeVisible();
}

const waiting = (page: Page) => page.getByTestId('waiting');

test('an answer waits behind others, says so, and goes out', async ({ page, open }) => {
  await open('scene=chat&queue=concurrent&pace=20');
  await ask(page, 'Which comes first?');
  await expect(waiting(page)).toHaveText(/Waiting for its turn: 2 before it\. OpenAI/);
  await expect(page.getByTestId('announcer')).toContainText('Waiting for its turn: 2 before it.');
  await expect(chatNamed(page, 'Which comes first?').getByRole('img')).toHaveAccessibleName(
    'Waiting for its turn',
  );
  await expect(waiting(page)).toContainText('1 before it.');
  await expect(waiting(page)).toContainText('it is next.');
  await expect(waiting(page)).toHaveCount(0);
  await expect(page.getByTestId('announcer')).toHaveText('OpenAI is answering');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
});

test('what waits counts down, and can be stopped before it goes out', async ({ page, open }) => {
  await open('scene=chat&queue=requests&held=1');
  await ask(page, 'How long?');
  await expect(waiting(page)).toHaveText(
    /Waiting for its turn: 2 before it\. It goes out in \d+ s \(60 requests a minute\)\./,
  );
  const first = await waiting(page).locator('b').textContent();
  await expect(waiting(page).locator('b')).not.toHaveText(first ?? '');
  await lastAnswer(page).getByRole('button', { name: 'Stop' }).click();
  await expect(waiting(page)).toHaveCount(0);
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'cancelled');
});

test('a rejected key is told while the next one is asked', async ({ page, open }) => {
  await open('scene=chat&rotate=1&pace=30');
  await ask(page, 'Who answers?');
  const answer = lastAnswer(page);
  await expect(page.getByTestId('announcer')).toHaveText('OpenAI rejected the key (401), trying Work');
  await expect(answer.locator('header')).toContainText('Work');
  await expect(answer).toHaveAttribute('data-status', 'streaming');
  await answer.getByRole('button', { name: 'after 2 tries' }).click();
  const list = page.getByRole('dialog', { name: '2 attempts' });
  await expect(list.getByRole('listitem').first()).toContainText(
    /Personal.*OpenAI rejected the key \(401\)\./,
  );
  await expect(list.getByRole('listitem').last()).toContainText(/Work.*Running\./);
  await expect(answer).toHaveAttribute('data-status', 'complete');
  await expect(list.getByRole('listitem').last()).toContainText('Answered.');
  await expect(answer.getByTestId('message-status')).toContainText('OpenAI, Work');
});

for (const theme of ['light', 'dark']) {
  test(`an answer that waits in ${theme} passes axe`, async ({ page, open }) => {
    await open(`scene=chat&queue=tokens&held=1&theme=${theme}`);
    await ask(page, 'How long?');
    await expect(waiting(page)).toBeVisible();
    expect(await axeFindings(page)).toEqual([]);
  });
}
