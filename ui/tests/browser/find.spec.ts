import { axeFindings, chatNamed, expect, test } from './page';

const marked = () => [...(CSS.highlights.get('search-hit') ?? [])].map(String);

test('Ctrl F finds words in the open chat, goes from place to place and marks them', async ({
  page,
  open,
}) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching and tail latency').click();
  await expect(page.getByTestId('message-assistant').last()).toBeVisible();
  await page.keyboard.press('Control+F');
  await expect(page.getByTestId('find-field')).toBeFocused();
  await page.keyboard.type('p99');
  const count = page.getByTestId('find-count');
  await expect(count).toHaveText(/^(\d+) of \1$/);
  const places = Number((await count.textContent())?.match(/of (\d+)/)?.[1]);
  expect(places).toBeGreaterThan(1);
  await expect.poll(() => page.evaluate(marked)).toContain('p99');
  await page.keyboard.press('Enter');
  await expect(count).toHaveText(`1 of ${places}`);
  await page.keyboard.press('Shift+Enter');
  await expect(count).toHaveText(`${places} of ${places}`);
  expect(await axeFindings(page, { without: ['heading-order'] })).toEqual([]);

  await page.getByTestId('find-field').fill('nobody said this');
  await expect(count).toHaveText('not found');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('find-field')).toHaveCount(0);
  await expect(page.getByTestId('composer')).toBeFocused();
  expect(await page.evaluate(marked)).toEqual([]);
});

test('a place far up a long chat is brought into sight', async ({ page, open }) => {
  await open('scene=huge');
  await page.getByTestId('chat-item').first().click();
  await expect(page.getByTestId('message-assistant').last()).toBeVisible();
  await page.keyboard.press('Control+F');
  await expect(page.getByTestId('find-field')).toBeFocused();
  await page.keyboard.type('"Question number 2500."');
  await expect(page.getByTestId('find-count')).toHaveText('1 of 1');
  await expect
    .poll(() =>
      page.evaluate(() => {
        const [range] = CSS.highlights.get('search-hit') ?? [];
        const at = (range as Range | undefined)?.getBoundingClientRect();
        return at !== undefined && at.top > 0 && at.bottom < innerHeight;
      }),
    )
    .toBe(true);
});
