import { chatNamed, expect, lastAnswer, test } from './page';

test('a message is sent, streams and is settled', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  const composer = page.getByTestId('composer');
  await expect(composer).toBeFocused();
  await composer.fill('How do tides work?');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('message-user')).toHaveText('How do tides work?');
  await expect(composer).toHaveValue('');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await expect(lastAnswer(page)).toContainText('You asked: “How do tides work?”');
  await expect(lastAnswer(page).getByTestId('message-status')).toContainText('$0.0156 reported');
  await expect(chatNamed(page, 'How do tides work?')).toHaveAttribute('aria-current', 'true');
  await expect(page.getByTestId('announcer')).toHaveText(/^Done, \d+ words, \$0\.0156$/);
});

test('Shift Enter makes a line, Escape stops, what came is kept and can be continued', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=40');
  const composer = page.getByTestId('composer');
  await composer.pressSequentially('one');
  await page.keyboard.press('Shift+Enter');
  await composer.pressSequentially('two');
  await expect(composer).toHaveValue('one\ntwo');
  await page.getByTestId('send').click();
  await expect(page.getByTestId('stop')).toBeVisible();
  await expect(lastAnswer(page)).toContainText('You asked');
  await page.keyboard.press('Escape');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'cancelled');
  await expect(lastAnswer(page)).toContainText('You stopped this answer.');
  const kept = (await lastAnswer(page).locator('.prose').first().textContent()) ?? '';
  await page.getByTestId('continue').click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await expect(lastAnswer(page)).toContainText(kept.trim());
  await expect(lastAnswer(page)).toContainText('whether the service time itself has grown.');
  await expect(lastAnswer(page)).toContainText('2 attempts');
});

test('a cut answer says who stopped and offers the ways on', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  await chatNamed(page, 'Batching').click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'interrupted');
  await expect(lastAnswer(page)).toContainText('Groq closed the connection.');
  await expect(lastAnswer(page)).toContainText('≈ $0.0004');
  await lastAnswer(page).getByTestId('retry').click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await expect(lastAnswer(page)).toContainText('2/2');
  await lastAnswer(page).getByLabel('Older version').click();
  await expect(lastAnswer(page)).toContainText('Groq closed the connection.');
});

test('another model answers again', async ({ page, open }) => {
  await open('scene=chat&pace=5');
  await chatNamed(page, 'Batching').click();
  await lastAnswer(page).getByRole('button', { name: 'Retry with' }).click();
  await page.getByLabel('Model or provider').fill('qwen');
  await page.keyboard.press('Enter');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await expect(lastAnswer(page)).toContainText('qwen3-14b');
  await expect(lastAnswer(page)).toContainText('no charge');
});

test('a failure is a card with its cause, a next step and the words of the provider', async ({
  page,
  open,
}) => {
  await open('scene=chat');
  await chatNamed(page, 'What went wrong').click();
  const card = page.getByTestId('error').first();
  await expect(card).toContainText('OpenAI rejected the key (401).');
  await expect(card).toContainText('Your message is saved.');
  await card.getByText('Details').click();
  await expect(card).toContainText('Incorrect API key provided');
  await card.getByRole('button', { name: 'Open provider' }).click();
  await expect(page.getByTestId('provider-check')).toBeVisible();
});

test('an answer goes on while another chat is open, and is there on return', async ({ page, open }) => {
  await open('scene=chat&pace=20');
  await page.getByTestId('composer').fill('Keep going');
  await page.keyboard.press('Enter');
  await expect(lastAnswer(page)).toContainText('You asked');
  await chatNamed(page, 'What went wrong').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What went wrong');
  await expect(chatNamed(page, 'Keep going').getByLabel('Answering')).toBeVisible();
  await chatNamed(page, 'Keep going').click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  const text = (await lastAnswer(page).locator('.prose').textContent()) ?? '';
  expect(text.match(/You asked/g)).toHaveLength(1);
  expect(text.trim().endsWith('while the reader is there.')).toBe(true);
});

test('the view follows the end only while the reader is there', async ({ page, open }) => {
  await open('scene=streaming&pace=15');
  await page.getByTestId('chat-item').first().click();
  const log = page.getByRole('log');
  const fromEnd = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
  await expect(lastAnswer(page)).toContainText('Throughput');
  expect(await fromEnd()).toBeLessThan(30);
  await log.evaluate((box) => (box.scrollTop = 0));
  const pill = page.getByRole('button', { name: 'New text below' });
  await expect(pill).toBeVisible();
  expect(await log.evaluate((box) => box.scrollTop)).toBe(0);
  await pill.click();
  expect(await fromEnd()).toBeLessThan(30);
});

test('a chat is renamed in place, deleted and brought back', async ({ page, open }) => {
  await open('scene=chat');
  const row = chatNamed(page, 'Trip to Porto');
  await row.focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('Five days in Porto');
  await page.keyboard.press('Enter');
  const renamed = chatNamed(page, 'Five days in Porto');
  await expect(renamed).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(renamed).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(renamed).toBeVisible();
});

test('the demo is entered and left, and one’s own chats are as before', async ({ page, open }) => {
  await open('scene=empty&pace=5');
  await page.getByTestId('open-demo').click();
  await expect(page.getByTestId('demo-banner')).toBeVisible();
  await page.getByTestId('composer').fill('Hello');
  await page.getByTestId('send').click();
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await page.getByTestId('leave-demo').click();
  await expect(page.getByTestId('demo-banner')).toHaveCount(0);
  await expect(page.getByTestId('chat-item')).toHaveCount(0);
});
