import { expect, test, type Page } from '@playwright/test';
import { axeFindings } from './page';
import { serveStage } from '../rendering/build';
import { hostile } from '../rendering/corpus';
import type { Stage } from '../rendering/stage.svelte';

declare global {
  interface Window {
    stage: Stage;
    pwned?: unknown;
  }
}

test.describe.configure({ mode: 'default' });

let origin: string;
let close: () => void;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  ({ origin, close } = await serveStage('rendering'));
});

test.afterAll(() => close());

/** What the page asked of the network beyond its own files, and what it complained about. */
async function openStage(page: Page, query = ''): Promise<{ asked: string[]; complaints: string[] }> {
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:') && !url.startsWith('blob:'))
      asked.push(url);
  });
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('popup', (popup) => asked.push(`popup ${popup.url()}`));
  page.on('framenavigated', (frame) => {
    if (!frame.url().startsWith(origin)) asked.push(`navigation ${frame.url()}`);
  });
  await page.goto(`${origin}/${query}`);
  await page.waitForFunction(() => window.stage);
  return { asked, complaints };
}

const show = (page: Page, text: string, live = false) =>
  page.evaluate(([words, on]) => window.stage.show([{ kind: 'text', text: words }], on), [
    text,
    live,
  ] as const);

/** Every element and attribute a message may become. */
const ELEMENTS =
  'DIV P SPAN STRONG EM S CODE PRE BR H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE TABLE THEAD TBODY TR TH TD HR SUP BUTTON ' +
  'SECTION svg path math mrow mi mo mn ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup ' +
  'munder mover munderover mmultiscripts mprescripts mtable mtr mtd menclose none';
const ATTRIBUTES =
  /^(class|role|tabindex|title|type|aria-[a-z]+|id|start|data-(codes|coloured)|disabled|viewBox|width|height|focusable|d|xmlns|accent|accentunder|columnalign|columnlines|columnspacing|depth|display|displaystyle|fence|form|largeop|linethickness|lspace|mathcolor|mathsize|mathvariant|maxsize|minsize|movablelimits|notation|rowlines|rowspacing|rspace|scriptlevel|separator|stretchy|symmetric|voffset)$/;

/** What of a message lies outside of the allowed. */
const strangers = (page: Page) =>
  page.evaluate(
    ([names, pattern]) => {
      const elements = new Set(names.split(' '));
      const attributes = new RegExp(pattern);
      const found: string[] = [];
      for (const element of document.querySelectorAll('.prose, .prose *')) {
        if (!elements.has(element.tagName)) found.push(element.tagName);
        for (const { name } of element.attributes)
          if (!attributes.test(name)) found.push(`${element.tagName} ${name}`);
      }
      return found;
    },
    [ELEMENTS, ATTRIBUTES.source] as const,
  );

/** The shape of a message: names, words and what a reader could act on, without the ids of this showing. */
const shape = (page: Page) =>
  page.evaluate(() => {
    const walk = (node: Node): string => {
      if (node instanceof Text) return node.data;
      if (!(node instanceof Element)) return '';
      const marks = ['class', 'start', 'data-codes', 'href', 'src'].map(
        (name) => node.getAttribute(name) ?? '',
      );
      return `<${node.tagName} ${marks.join('|').replace(/svelte-\w+/g, '')}>${[...node.childNodes].map(walk).join('')}</>`;
    };
    return [...document.querySelectorAll('.prose')].map((prose) => [...prose.childNodes].map(walk).join(''));
  });

/** Colours and formulas come from the worker; a shape is compared when they are there. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => window.stage.idle);
  // What was answered is on the page a flush later.
  await page.evaluate(() => window.stage.flushed());
}

test('hostile messages become harmless elements, whole and streamed, and fetch nothing', async ({ page }) => {
  test.setTimeout(240_000);
  const { asked, complaints } = await openStage(page);
  for (const [name, text] of Object.entries(hostile)) {
    await show(page, text);
    await settled(page);
    expect(await strangers(page), name).toEqual([]);
    const whole = await shape(page);

    // Every split: what is streamed one unit at a time, and what is cut in two at each place.
    await show(page, '', true);
    const odd = await page.evaluate(
      async ([words, names]) => {
        const allowed = new Set(names.split(' '));
        const seen = new Set<string>();
        for (const unit of words) {
          await window.stage.append(unit);
          for (const element of document.querySelectorAll('.prose *')) {
            if (!allowed.has(element.tagName)) seen.add(element.tagName);
          }
        }
        await window.stage.settle();
        return [...seen];
      },
      [text, ELEMENTS] as const,
    );
    expect(odd, name).toEqual([]);
    await settled(page);
    expect(await shape(page), name).toEqual(whole);
    expect(await page.evaluate(() => window.pwned), name).toBeUndefined();
  }
  expect(await page.evaluate(() => [window.stage.opened, window.stage.loaded])).toEqual([[], []]);
  expect(asked).toEqual([]);
  expect(complaints).toEqual([]);
});

test('links and images act only on a click, through the outside', async ({ page }) => {
  const { asked } = await openStage(page);
  await show(
    page,
    '[words](https://example.org/a) [mail](mailto:ada@example.org) [bank.example](https://evil.example/x) [js](javascript:x) ![alt](https://example.org/p.png)',
  );
  expect(await page.locator('.stage').locator('a, [href], img').count()).toBe(0);
  await page.getByRole('link', { name: 'words' }).click();
  await page.getByRole('link', { name: 'mail' }).press('Enter');
  await expect(page.getByText('leads to evil.example')).toBeVisible();
  await expect(page.getByRole('link', { name: 'js' })).toHaveCount(0);
  await expect(page.getByText('javascript:x')).toBeVisible();
  await expect(page.getByText('https://example.org/p.png')).toBeVisible();
  expect(await page.evaluate(() => window.stage.opened)).toEqual([
    'https://example.org/a',
    'mailto:ada@example.org',
  ]);
  expect(await page.evaluate(() => window.stage.loaded)).toEqual([]);
  await page.getByRole('button', { name: 'Load image alt' }).click();
  await expect(page.getByRole('img', { name: 'alt' })).toBeVisible();
  expect(await page.evaluate(() => window.stage.loaded)).toEqual(['https://example.org/p.png']);
  expect(asked).toEqual([]);
});

test('code gets its colours when its fence closes, wraps, and copies what was written', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openStage(page);
  await show(page, '```rust\nlet x = "a\u202Eb"; // c\n', true);
  await expect(page.locator('.code')).toHaveAttribute('data-coloured', 'false');
  await page.evaluate(() => window.stage.append('```\n\nend'));
  await expect(page.locator('.code')).toHaveAttribute('data-coloured', 'true');
  await expect(page.locator('.code .key')).toHaveText('let');
  await expect(page.locator('.code .com')).toHaveText('// c');
  await expect(page.locator('.code [data-codes="U+202E"]')).toBeVisible();
  await page.getByRole('button', { name: 'Copy code' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('let x = "a\u202Eb"; // c');
  await page.getByRole('button', { name: 'Wrap long lines' }).click();
  await expect(page.locator('pre')).toHaveCSS('white-space', 'pre-wrap');
});

test('copying a text with hidden characters gives the original', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openStage(page);
  await show(page, 'a\u202Eb\u200Bc');
  await expect(page.locator('.unseen')).toHaveCount(2);
  await page.evaluate(() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector('.prose p') as Element);
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
  });
  await page.keyboard.press('Control+c');
  expect((await page.evaluate(() => navigator.clipboard.readText())).trim()).toBe('a\u202Eb\u200Bc');
});

test('formulas are drawn as MathML, those that cannot be show their source', async ({ page }) => {
  const { complaints } = await openStage(page);
  await show(page, 'So $x^2$, \\(y\\) and prices $5 and $6.\n\n$$\n\\frac{a}{b}\n$$\n\nbad $\\frac{1$ end');
  await expect(page.locator('math')).toHaveCount(3);
  await expect(page.locator('math[display="block"] mfrac')).toHaveCount(1);
  expect(await page.locator('msup').evaluate((node) => node.namespaceURI)).toBe(
    'http://www.w3.org/1998/Math/MathML',
  );
  await expect(page.locator('.prose')).toContainText('prices $5 and $6.');
  await expect(page.locator('code.odd')).toHaveText('\\frac{1');
  await show(page, `$$\n${'x+'.repeat(500_000)}x\n$$`);
  await expect(page.getByText('This formula cannot be drawn.')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('a formula is drawn also where its reader comes late, after one of code came', async ({ page }) => {
  await page.route(/\/formula-[^/]*\.js$/, async (route) => {
    await page.clock.runFor(10_000);
    await route.continue();
  });
  await page.clock.install();
  await openStage(page);
  await show(page, '```rust\nlet x = 1;\n```');
  await expect(page.locator('.code')).toHaveAttribute('data-coloured', 'true');
  await show(page, 'So $x^2$.');
  await expect(page.locator('math msup')).toHaveCount(1);
});

test('a table copies as TSV and CSV, long ones show all on request', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openStage(page);
  await show(page, '| a | b, c |\n|---|---|\n| =1+1 | -5 |\n| "q" | 7 |\n');
  await expect(page.locator('td').nth(1)).toHaveCSS('text-align', 'right');
  await page.locator('.table').hover();
  await page.getByRole('button', { name: /TSV/ }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('a\tb, c\n\'=1+1\t-5\n"q"\t7');
  await page.getByRole('button', { name: /CSV/ }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('a,"b, c"\n\'=1+1,-5\n"""q""",7');
  await show(page, `| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(1_000)}`);
  await expect(page.locator('tbody tr')).toHaveCount(100);
  await page.getByRole('button', { name: 'Show all 1,000 rows' }).click();
  await expect(page.locator('tbody tr')).toHaveCount(1_000);
});

test('references and notes find their definitions, wherever they stand', async ({ page }) => {
  await openStage(page);
  await show(page, '[one][r] and [none] and a note[^n].\n\nmore\n\n', true);
  await expect(page.getByRole('link')).toHaveCount(0);
  await expect(page.locator('.prose')).toContainText('[one][r] and [none] and a note[^n].');
  await page.evaluate(() => window.stage.append('[r]: https://example.org/r\n\n[^n]: The *note*.\n'));
  await page.evaluate(() => window.stage.settle());
  await page.getByRole('link', { name: 'one' }).click();
  expect(await page.evaluate(() => window.stage.opened)).toEqual(['https://example.org/r']);
  await page.getByRole('link', { name: 'Note n' }).click();
  await expect(page.locator('.note')).toBeFocused();
  await page.getByRole('button', { name: 'Back to the text of note n' }).click();
  await expect(page.getByRole('link', { name: 'Note n' })).toBeFocused();
});

test('tools, sources, pictures and warnings can be read', async ({ page }) => {
  const { asked } = await openStage(page);
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await page.evaluate(
    (image) =>
      window.stage.show([
        { kind: 'toolCall', name: 'search', text: '{"query":"a\\nb","limit":5}' },
        { kind: 'toolCall', name: 'broken', text: '{"cmd": "rm \u202E' },
        { kind: 'toolResult', name: 'search', text: JSON.stringify({ rows: Array(30).fill({ a: 1 }) }) },
        { kind: 'citation', name: 'https://example.org/a', text: 'Words.' },
        { kind: 'citation', name: 'https://example.org/a', text: '' },
        { kind: 'citation', name: 'https://xn--e1afmkfd.example/', text: '' },
        { kind: 'media', name: 'https://example.org/p.png', text: '' },
        { kind: 'media', text: image },
        { kind: 'media', text: 'PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+' },
        { kind: 'warning', text: 'Beware.' },
      ]),
    png,
  );
  const tools = page.getByRole('region', { name: /^Tool/ });
  await expect(tools.nth(0).locator('dd')).toHaveText(['a\nb', '5']);
  await expect(tools.nth(1).locator('pre')).toContainText('{"cmd": "rm');
  await expect(tools.nth(1).locator('[data-codes="U+202E"]')).toBeVisible();
  await expect(tools.nth(2).locator('pre')).toHaveCount(0);
  await tools.nth(2).getByRole('button', { name: 'Show' }).click();
  await expect(tools.nth(2).locator('pre')).toContainText('"rows": [');
  const sources = page.getByRole('region', { name: 'Sources' });
  await expect(sources.getByRole('listitem')).toHaveCount(2);
  await expect(sources).toContainText('xn--e1afmkfd.example');
  await sources.getByRole('link').first().click();
  expect(await page.evaluate(() => window.stage.opened)).toEqual(['https://example.org/a']);
  await expect(page.locator('img')).toHaveCount(1);
  expect(await page.locator('img').getAttribute('src')).toMatch(/^blob:/);
  await expect(page.getByText('This image cannot be shown.')).toBeVisible();
  await expect(page.getByText('Beware.')).toBeVisible();
  expect(asked).toEqual([]);
});

type Kind = 'text' | 'reasoning' | 'toolResult';

/** Messages that are too much: what stands before, what is repeated and how often, what stands after. */
const huge: [name: string, kind: Kind, before: string, unit: string, times: number, after: string][] = [
  ['a line of 10 MB', 'text', '', 'word ', 2_000_000, ''],
  ['a line of 10 MB without a blank', 'text', '', 'x', 10_000_000, ''],
  // Each pair is kerned: without care every broken line has the rest of the word shaped anew.
  ['a word of 1 MB that is kerned', 'text', '', 'x+', 500_000, ''],
  ['code of 10 MB in one line', 'text', '```\n', 'x', 10_000_000, '\n```'],
  ['code of 10 MB in short lines', 'text', '```js\n', 'let a = 1;\n', 900_000, '```'],
  ['code of 190 KB with colours', 'text', '```js\n', 'let a = "b"; // c\n', 10_000, '```'],
  ['a table of 10 MB', 'text', '| a | b |\n|---|---|\n', '| 1 | 2 |\n', 1_000_000, ''],
  [
    'an answer of 2,000 lines',
    'text',
    '',
    '## Head\n\nSome **bold** `code` and [a link](https://e.org).\n\n- a\n- b\n',
    330,
    '',
  ],
  ['reasoning of 10 MB', 'reasoning', '', 'thought ', 1_250_000, ''],
  ['a tool result of 10 MB', 'toolResult', '{"a":"', 'x', 10_000_000, '"}'],
  ['10,000 quotations in each other', 'text', '', '>', 10_000, 'x'],
  ['10,000 brackets', 'text', '', '[', 10_000, 'x'],
  ['10,000 closing brackets', 'text', '', ']', 10_000, 'x'],
  ['10,000 stars', 'text', '', '*a **b ', 5_000, ''],
  ['10,000 lists in each other', 'text', '', '- ', 10_000, 'x'],
  ['hidden characters, 1 MB', 'text', '', '\u200Ba', 500_000, ''],
  ['hidden characters in code', 'text', '```\n', '\u200Ba', 500_000, '\n```'],
];

/** How many words that go over many lines the engine kerns, which takes it the square of their length. */
const kerned = (page: Page) =>
  page.evaluate(() => {
    const walk = document.createTreeWalker(document.querySelector('.stage') as Element, NodeFilter.SHOW_TEXT);
    let count = 0;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const style = getComputedStyle(node.parentElement as Element);
      if (style.fontKerning !== 'none' && /\S{1001}/.test((node as Text).data)) count += 1;
    }
    return count;
  });

test('what is far too long is shown in part, and the window goes on answering', async ({ page }) => {
  test.setTimeout(300_000);
  const { complaints } = await openStage(page);
  await page.evaluate(() => window.stage.watch());
  for (const [name, ...what] of huge) {
    await page.evaluate((parts) => window.stage.showLong(...parts), what);
    await expect(page.locator('.stage')).not.toHaveText('');
    await page.waitForTimeout(1_500);
    const { elements, units, tasks } = await page.evaluate(() => ({
      elements: document.querySelectorAll('.stage *').length,
      units: document.querySelector('.stage')?.textContent.length ?? 0,
      tasks: window.stage.tasks,
    }));
    expect(elements, name).toBeLessThan(60_000);
    expect(await kerned(page), name).toBe(0);
    expect(units, name).toBeLessThan(300_000);
    const sum = tasks.reduce((total, task) => total + task, 0);
    console.log(
      `${name}: longest task ${Math.round(Math.max(0, ...tasks))} ms of ${Math.round(sum)} ms in long ones`,
    );
  }
  expect(complaints).toEqual([]);
});

for (const theme of ['light', 'dark']) {
  test(`a message of everything passes axe in ${theme}`, async ({ page }) => {
    await openStage(page, `?theme=${theme}`);
    await page.evaluate(() =>
      window.stage.show([
        {
          kind: 'text',
          text:
            '## Head\n\nWords, `code`, $x^2$, [link](https://example.org) a[^1], [bank.example](https://evil.example).\n\n' +
            '| a | b |\n|---|---|\n| c | 2 |\n\n```rust\n// why\nfn f() -> u8 { 1 + "s".len() }\n```\n\n- [x] done\n\n> quote\n\n' +
            '![alt](https://example.org/p.png) \u202E\n\n$$\n\\frac{1}{2}\n$$\n\n$$\n\\frac{\n$$\n\n[^1]: note',
        },
        { kind: 'toolCall', name: 'search', text: '{"query":"a"}' },
        { kind: 'citation', name: 'https://example.org/a', text: 'Words.' },
      ]),
    );
    await expect(page.locator('.code')).toHaveAttribute('data-coloured', 'true');
    await expect(page.locator('math')).toHaveCount(2);
    // The stage is no document of its own; the app's screens are tested for what is left out here.
    expect(await axeFindings(page, { without: ['heading-order', 'page-has-heading-one', 'region'] })).toEqual(
      [],
    );
  });
}
