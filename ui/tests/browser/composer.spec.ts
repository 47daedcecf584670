import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, lastAnswer, test, windows } from './page';

const field = (page: Page) => page.getByTestId('composer');
const chips = (page: Page) => page.getByTestId('attachment');
const line = (page: Page) => page.getByTestId('queued');
const said = (page: Page) => page.getByTestId('composer-said');

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const file = (name: string, content = 'words') => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: name.endsWith('.png') ? Buffer.from(PIXEL, 'base64') : Buffer.from(content),
});
const pick = (page: Page, ...files: ReturnType<typeof file>[]) =>
  page.getByTestId('file-picker').setInputFiles(files);

/** What a file manager's drag does, step by step. */
async function drag(page: Page, steps: string[], name = 'cat.png') {
  await page.evaluate(
    ({ steps, name, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name));
      const over = document.querySelector('main') ?? document.body;
      for (const step of steps) {
        over.dispatchEvent(new DragEvent(step, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    },
    { steps, name, base64: PIXEL },
  );
}

async function paste(page: Page, text: string) {
  await field(page).evaluate((box, words) => {
    const data = new DataTransfer();
    data.setData('text/plain', words);
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

async function choose(page: Page, name: string) {
  await page.keyboard.press('Control+l');
  await expect(page.getByTestId('model-picker')).toBeVisible();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await expect(field(page)).toBeFocused();
}

test('a picture is dropped on the window, shown small, and goes out with the message', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=5');
  const overlay = page.getByTestId('drop-overlay');
  await drag(page, ['dragenter', 'dragover']);
  await expect(overlay).toContainText('This model takes text files, pictures and PDF files. Not sound.');
  await drag(page, ['dragleave']);
  await expect(overlay).toHaveCount(0);
  await drag(page, ['dragenter', 'dragover', 'drop']);
  await expect(overlay).toHaveCount(0);
  await expect(chips(page)).toContainText('cat.png');
  await expect(chips(page).locator('img')).toHaveJSProperty('naturalWidth', 1);
  await expect(said(page)).toHaveText('cat.png attached');
  await field(page).fill('What is this?');
  await page.keyboard.press('Enter');
  await expect(chips(page)).toHaveCount(0);
  await expect(page.getByTestId('message-user')).toContainText('What is this?');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
});

test('no drop makes the page go away', async ({ page, open }) => {
  await open('scene=chat');
  const kept = await page.evaluate(() => {
    const on = (target: Element, fill: (data: DataTransfer) => void) => {
      const data = new DataTransfer();
      fill(data);
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      return !target.dispatchEvent(event);
    };
    const link = (data: DataTransfer) => data.setData('text/uri-list', 'https://example.org/');
    const area = document.querySelector('textarea') ?? document.body;
    return {
      link: on(document.body, link),
      fileOnField: on(area, (data) => data.items.add(new File(['x'], 'a.txt'))),
      linkOnField: on(area, link),
    };
  });
  expect(kept).toEqual({ link: true, fileOnField: true, linkOnField: false });
  await page.getByTestId('nav-settings').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('General');
  await drag(page, ['dragenter', 'dragover', 'drop']);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('General');
});

test('a long paste becomes a file, and text again if wanted', async ({ page, open }) => {
  await open('scene=chat');
  await field(page).fill('See: ');
  await paste(page, 'x'.repeat(8000));
  await expect(chips(page)).toHaveCount(0);
  await paste(page, 'y'.repeat(8001));
  await expect(chips(page)).toContainText('pasted.txt');
  await expect(field(page)).toHaveValue('See: ');
  await page.getByRole('button', { name: 'Paste as text' }).click();
  await expect(chips(page)).toHaveCount(0);
  await expect(field(page)).toHaveValue(`See: ${'y'.repeat(8001)}`);
  await expect(field(page)).toBeFocused();
});

test('what the model cannot take is said before it is sent, and another model takes it', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=5');
  await field(page).fill('Listen');
  await pick(page, file('song.mp3'));
  const note = page.getByTestId('cannot-take');
  await expect(note).toContainText('GPT-5.4 mini takes no sound.');
  await expect(chips(page)).toContainText('This model takes no sound');
  await expect(page.getByTestId('send')).toBeDisabled();
  await field(page).press('Enter');
  await expect(field(page)).toHaveValue('Listen');
  await note.getByRole('button', { name: 'Choose another model' }).click();
  await page.keyboard.type('llama');
  await page.keyboard.press('Enter');
  await expect(note).toHaveCount(0);
  await expect(page.getByTestId('send')).toBeEnabled();
  await pick(page, file('archive.zip'));
  await expect(note).toContainText('archive.zip is of a kind that no model is sent. Remove it to send.');
  await expect(page.getByTestId('send')).toBeDisabled();
});

test('files are walked and removed by keyboard, and a file that failed says why', async ({ page, open }) => {
  await open('scene=chat');
  await pick(page, file('a.txt', 'a'), file('b.txt', 'b'), file('empty.txt', ''));
  await expect(chips(page).nth(2)).toContainText('The file is empty');
  await expect(page.getByTestId('cannot-take')).toContainText('empty.txt could not be attached.');
  await page.getByRole('button', { name: 'Remove a.txt' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('button', { name: 'Remove b.txt' })).toBeFocused();
  await expect(said(page)).toHaveText('empty.txt removed');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await expect(chips(page)).toHaveCount(0);
  await expect(field(page)).toBeFocused();
});

test('a parameter the model refuses is greyed with the reason, kept, and not sent', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=5');
  await choose(page, 'llama');
  await page.getByTestId('open-parameters').click();
  const warm = page.getByTestId('parameter-temperature');
  await warm.fill('2.5');
  await expect(page.getByTestId('row-temperature')).toContainText('Outside of what the model takes: 0 to 2.');
  await expect(warm).toHaveAttribute('aria-invalid', 'true');
  await warm.fill('0.7');
  await expect(page.getByTestId('row-temperature')).toContainText('0 to 2');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('open-parameters')).toBeFocused();
  await expect(page.getByRole('button', { name: 'Parameters and system prompt: 1 set' })).toBeVisible();
  await choose(page, 'gpt-5.4-nano');
  await page.getByTestId('open-parameters').click();
  await expect(warm).toBeDisabled();
  await expect(warm).toHaveValue('0.7');
  await expect(page.getByTestId('row-temperature')).toContainText(
    'GPT-5.4 nano does not take this. Your value is kept and not sent.',
  );
  await page.getByRole('button', { name: 'Reset temperature' }).click();
  await expect(warm).toHaveValue('');
});

test('what is set stays with its chat, and all of it is reset at once', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await page.getByTestId('open-parameters').click();
  await page.getByTestId('system-prompt').fill('Answer in rhymes.');
  await expect(page.getByText('≈ 5 tokens')).toBeVisible();
  await page.getByTestId('effort-high').click();
  await page.getByTestId('parameter-stop').fill('\\n\\n');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await field(page).fill('A first message with a setup');
  await page.keyboard.press('Enter');
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await page.keyboard.press('Control+n');
  await expect(page.getByRole('button', { name: 'Parameters and system prompt', exact: true })).toBeVisible();
  await chatNamed(page, 'A first message').click();
  await page.getByRole('button', { name: 'Parameters and system prompt: 3 set' }).click();
  await expect(page.getByTestId('system-prompt')).toHaveValue('Answer in rhymes.');
  await expect(page.getByTestId('effort-high')).toHaveAttribute('aria-checked', 'true');
  await expect(page.getByRole('button', { name: 'Remove the stop text \\n\\n' })).toBeVisible();
  await page.getByTestId('reset-all').click();
  await expect(page.getByTestId('system-prompt')).toHaveValue('');
  await expect(page.getByTestId('reset-all')).toBeDisabled();
});

test('the gauge warns before the window is full, and says what fills it', async ({ page, open }) => {
  await open('scene=chat');
  const gauge = page.getByTestId('context-gauge');
  await expect(gauge).toHaveAttribute('data-level', 'calm');
  await expect(page.getByTestId('estimated-cost')).toHaveText('≈ $0.001 up to $0.13');
  for (const [tokens, level, percent] of [
    [316_000, 'calm', 79],
    [324_000, 'warn', 81],
    [384_000, 'err', 96],
  ] as const) {
    await pick(page, file(`${level}.txt`, 'x'.repeat(tokens * 4)));
    await expect(gauge).toHaveAttribute('data-level', level);
    await expect(gauge).toHaveAttribute('aria-label', new RegExp(`of 400,000 tokens, ${percent} percent`));
    if (level !== 'err') await page.getByRole('button', { name: `Remove ${level}.txt` }).click();
  }
  await gauge.click();
  await expect(page.getByTestId('context-breakdown')).toContainText(/Attachments\s*384,000/);
  await page.keyboard.press('Escape');
  await pick(page, file('more.txt', 'x'.repeat(80_000)));
  await expect(page.getByTestId('too-long')).toContainText('about 404k tokens, and GPT-5.4 mini reads 400k');
});

test('an unknown price is a word, and what costs nothing says so', async ({ page, open }) => {
  await open('scene=chat');
  await choose(page, 'my-own-finetune');
  await expect(page.getByTestId('estimated-cost')).toHaveText('cost unknown');
  await expect(page.getByTestId('context-gauge')).toContainText('limit unknown');
  await choose(page, 'qwen3');
  await expect(page.getByTestId('estimated-cost')).toHaveText('free');
});

test('messages typed ahead go out one after the other', async ({ page, open }) => {
  await page.clock.install();
  await open('scene=chat&pace=10');
  // However long the typing takes, the first answer is not over before the last word is typed.
  await page.clock.pauseAt(Date.now() + 60_000);
  for (const text of ['one', 'two', 'three']) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
  }
  await expect(field(page)).toHaveValue('');
  await expect(line(page)).toHaveCount(2);
  await expect(said(page)).toHaveText('In line, 2 messages wait');
  await page.clock.resume();
  await expect(page.getByTestId('message-user')).toHaveText(['one', 'two', 'three']);
  await expect(line(page)).toHaveCount(0);
  await expect(lastAnswer(page)).toHaveAttribute('data-status', 'complete');
  await expect(lastAnswer(page)).toContainText('You asked: “three”');
});

test('Stop holds the line until it is told to go on; the line is changed, put in order and taken from', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=40');
  for (const text of ['one', 'two', 'three', 'four']) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
  }
  await field(page).fill('half a thought');
  await expect(lastAnswer(page)).toContainText('You asked');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('queue')).toContainText(
    'You stopped the answer, so what you typed ahead waits.',
  );
  await expect(line(page)).toHaveCount(3);

  await line(page).nth(2).getByRole('button').first().focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(line(page)).toContainText(['two', 'four', 'three']);
  await expect(said(page)).toHaveText('Now 2 of 3');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('four');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type(', and five');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('half a thought');
  await expect(line(page)).toContainText(['two', 'four, and five', 'three']);

  await line(page).nth(0).getByRole('button').first().focus();
  await page.keyboard.press('Delete');
  await expect(line(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(line(page)).toContainText(['two', 'four, and five', 'three']);

  await page.getByTestId('queue-go-on').click();
  await expect(page.getByTestId('message-user')).toHaveText(['one', 'two']);
  await expect(line(page)).toHaveCount(2);
});

test('a line goes out while another chat is open', async ({ page, open }) => {
  await open('scene=chat&pace=15');
  for (const text of ['Count the ways', 'And once more']) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
  }
  await expect(line(page)).toHaveCount(1);
  await chatNamed(page, 'What went wrong').click();
  await expect(line(page)).toHaveCount(0);
  const row = chatNamed(page, 'Count the ways');
  await row.click();
  await expect(row).toContainText('$0.03');
  await expect(page.getByTestId('message-user')).toHaveText(['Count the ways', 'And once more']);
});

test('drafts stay with their chats, with their files', async ({ page, open }) => {
  await open('scene=chat');
  await field(page).fill('for a new chat');
  await chatNamed(page, 'Batching').click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Batching');
  await expect(field(page)).toHaveValue('');
  await field(page).fill('for batching');
  await pick(page, file('cat.png'));
  await expect(chips(page)).toHaveCount(1);
  await chatNamed(page, 'What went wrong').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What went wrong');
  await expect(field(page)).toHaveValue('');
  await expect(chips(page)).toHaveCount(0);
  await chatNamed(page, 'Batching').click();
  await expect(field(page)).toHaveValue('for batching');
  await expect(chips(page).locator('img')).toBeVisible();
  await page.keyboard.press('Control+n');
  await expect(field(page)).toHaveValue('for a new chat');
});

test('the arrows call back what was sent, and the draft comes back', async ({ page, open }) => {
  await open('scene=chat');
  await chatNamed(page, 'Batching').click();
  await expect(lastAnswer(page)).toBeVisible();
  await field(page).fill('unsent');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await expect(field(page)).toHaveValue('Shorter: a rule of thumb for the pager runbook.');
  await page.keyboard.press('ArrowUp');
  await expect(field(page)).toHaveValue(/^Why did p99 fall/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(field(page)).toHaveValue('unsent');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  await expect(field(page)).toHaveValue('unsent');
  await page.keyboard.press('ArrowUp');
  await expect(field(page)).toHaveValue('unsent');
});

for (const theme of ['light', 'dark']) {
  test(`files, a line and the parameters in ${theme} pass axe and do not overflow`, async ({
    page,
    open,
  }) => {
    await open(`scene=chat&pace=200&theme=${theme}`);
    for (const text of ['one', 'two']) {
      await field(page).fill(text);
      await page.keyboard.press('Enter');
    }
    const long = `${'a-very-long-name-'.repeat(12)}.txt`;
    await pick(page, file('cat.png'), file(long, 'long'), file('song.mp3'));
    await expect(chips(page)).toHaveCount(3);
    await page.getByTestId('open-parameters').click();
    await expect(page.getByTestId('system-prompt')).toBeFocused();
    expect(await axeFindings(page, { without: ['heading-order'] })).toEqual([]);
    for (const [width, height] of [...windows, [360, 560]] as const) {
      await page.setViewportSize({ width, height });
      const outside = () =>
        page.evaluate(() =>
          [...document.querySelectorAll('[data-region="composer"] :is(button, input, textarea, li)')]
            .filter((element) => {
              const { width, left, right } = element.getBoundingClientRect();
              return width > 1 && (left < -1 || right > innerWidth + 1);
            })
            .map((element) => element.outerHTML.slice(0, 120)),
        );
      // The page hears of its new size a moment later.
      await expect.poll(outside).toEqual([]);
    }
  });
}
