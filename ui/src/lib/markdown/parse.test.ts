import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batching, everything } from '$lib/ipc/fake/texts';
import { GrowingText, parseBlocks, type Block } from './parse';
import { plainText } from './plain';

/** A tree without the places, which a parse from the middle counts from there. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(
    ([key, part]) => !['position', 'data'].includes(key) && part !== undefined,
  );
  return Object.fromEntries(kept.map(([key, part]) => [key, shape(part)]));
}

const shapes = (blocks: Block[]) => shape(blocks.map((block) => block.node));

const lines = [
  '# Title',
  '#',
  '#tag',
  'plain text',
  'more *text* with `code`',
  '- item',
  '-',
  '  - inner',
  '  continued',
  '    indented',
  '1. one',
  '2) two',
  '> quoted',
  'lazy',
  '===',
  '---',
  '***',
  '```rust',
  '```',
  '~~~',
  'let x = 1;',
  '| a | b |',
  '|---|--:|',
  '| 1 | 2 |',
  '$$',
  'x_1 + $y$',
  '<div>',
  '</div>',
  '<!-- open',
  '-->',
  '[a]: https://example.org',
  '[a] and [^1]',
  '[^1]: note',
  '![a] and [b][a]',
  '[a]:',
  "'title'",
  '$$ x $$',
  '\\[',
  'y = 2 \\]',
  'so \\(a_1\\) and \\[b\\]',
  '- [x] done',
  '- [ ] open',
  '\ttabbed',
  '',
  '',
  '   ',
  'https://example.org/a',
  '~~struck~~ **bold**',
];

const texts = fc
  .array(fc.tuple(fc.constantFrom(...lines), fc.constantFrom('\n', '\n', '\n\n', '\r\n')), { maxLength: 14 })
  .map((pairs) => pairs.map(([line, end]) => line + end).join(''));

describe('a growing text', () => {
  it.each([
    ['batching', batching],
    ['everything', everything],
  ])('is the whole parse at every length: %s', (_name, text) => {
    const growing = new GrowingText();
    for (let end = 1; end <= text.length; end += 1) {
      const part = text.slice(0, end);
      expect(shapes(growing.update(part))).toEqual(shapes(parseBlocks(part)));
    }
  });

  it('is the whole parse, however it is cut', () => {
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
        (text, steps) => {
          const growing = new GrowingText();
          let end = 0;
          for (let at = 0; end < text.length; at += 1) {
            end = Math.min(text.length, end + (steps[at % steps.length] ?? 1));
            const part = text.slice(0, end);
            expect(shapes(growing.update(part))).toEqual(shapes(parseBlocks(part)));
          }
        },
      ),
      { numRuns: 250, seed: 20_250_101 },
    );
  });

  it.each([1, 2, 3])('is the whole parse of long lists and tables, however they are cut: %i', (seed) => {
    const items = ['- a *b*', '- a\n\n  more', '- [x] c', '-', '- d\n  - e', '- f\n', '- ```\n  g\n  ```'];
    const rows = ['| 1 | 2 |', '| `a` |', '|', '| b | c | d |', 'plain'];
    const list = fc.array(fc.constantFrom(...items), { minLength: 2, maxLength: 25 });
    const table = fc.array(fc.constantFrom(...rows), { maxLength: 20 });
    fc.assert(
      fc.property(
        list,
        table,
        fc.constantFrom('', '\n', 'end\n'),
        fc.integer({ min: 1, max: 30 }),
        (l, t, between, step) => {
          const text = `${l.join('\n')}\n${between}\n| a | b |\n|--|--|\n${t.join('\n')}\n${between}7. x\n8. y\n\n9. z`;
          const growing = new GrowingText();
          for (let end = 1; end < text.length + step; end += step) {
            const part = text.slice(0, end);
            expect(shapes(growing.update(part))).toEqual(shapes(parseBlocks(part)));
          }
        },
      ),
      { numRuns: 60, seed },
    );
  });

  it('keeps the identity of blocks that are done', () => {
    const growing = new GrowingText();
    const [first, second] = growing.update('# One\n\nTwo is here.\n\nThr');
    const later = growing.update('# One\n\nTwo is here.\n\nThree goes on.\n\nFour\n');
    expect(later[0]).toBe(first);
    expect(shape(later[1]?.node)).toEqual(shape(second?.node));
    const last = growing.update('# One\n\nTwo is here.\n\nThree goes on.\n\nFour\n\nFive\n');
    expect(last.slice(0, 3).every((block, at) => block === later[at])).toBe(true);
    expect(last.map((block) => block.key)).toEqual([0, 1, 2, 3, 4]);
  });

  it('never parses text again that is done', () => {
    const growing = new GrowingText();
    const block = 'A paragraph of some words.\n\n';
    let text = '';
    for (let count = 0; count < 400; count += 1) {
      text += block;
      growing.update(text);
    }
    const known = growing.blocks.slice(0, 390);
    const grown = growing.update(`${text}and`);
    expect(known.every((one, at) => one === grown[at])).toBe(true);
    expect(grown).toHaveLength(401);
  });

  it('shows an endless paragraph in pieces that are done, and loses none of it', () => {
    const growing = new GrowingText();
    const words = Array.from({ length: 60_000 }, (_, n) => `word${n}`).join(' ');
    const first = growing.update(words.slice(0, 300_000));
    const blocks = growing.update(words);
    expect(blocks.length).toBeGreaterThan(10);
    expect(first.slice(0, -2).every((block, at) => block === blocks[at])).toBe(true);
    const text = blocks.map(({ node }) => (node.type === 'paragraph' ? plainText(node) : '?')).join(' ');
    expect(text.split(/\s+/)).toEqual(words.split(' '));
  });

  it('reads long lists, tables and fences whole, however long they are', () => {
    const list = Array.from({ length: 3_000 }, (_, n) => `- item ${n}`).join('\n');
    const table = `| a | b |\n|---|---|\n${'| 1 | two |\n'.repeat(3_000)}`;
    const fence = `\`\`\`\n${'code\n'.repeat(10_000)}\`\`\`\n`;
    for (const text of [list, table, `${fence}\n${list}`]) {
      expect(shapes(new GrowingText().update(text))).toEqual(shapes(parseBlocks(text)));
    }
  });

  it('begins again where the text is another one', () => {
    const growing = new GrowingText();
    growing.update('# One\n\ntwo\n\nthree\n');
    expect(shapes(growing.update('Another\n\ntext\n'))).toEqual(shapes(parseBlocks('Another\n\ntext\n')));
  });

  it.each([
    '```',
    '```\n',
    '```js\na',
    '```js\na\n\n',
    '~~~ \n```\n',
    '````\n```\nx',
    '```a b\nx',
    '```\n`',
    '```\n```x',
  ])('reads an open fence as the parser does: %j', (text) =>
    expect(shapes(new GrowingText().update(text))).toEqual(shapes(parseBlocks(text))),
  );
});
