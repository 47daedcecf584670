import { describe, expect, it } from 'vitest';
import { mend } from './mend';
import { GrowingText, type Block } from './parse';

const drawn = (blocks: Block[]) =>
  JSON.stringify(
    blocks.map((block) => block.node),
    (key, value) => (key === 'position' ? undefined : value),
  );

describe('a text without its end', () => {
  it.each([
    ['a **bold', 'a **bold**'],
    ['a **bold*', 'a **bold**'],
    ['a *slanted', 'a *slanted*'],
    ['a `code', 'a `code`'],
    ['a ~~gone', 'a ~~gone~~'],
    ['a **b *c', 'a **b *c***'],
    ['see [words](https://exa', 'see words'],
    ['see ![alt](https://exa', 'see'],
    ['text\n-', 'text'],
    ['text\n``', 'text'],
    ['text\n```ru', 'text'],
    ['| a | b |\n', '| a | b |\n| --- | --- |'],
    ['| a | b |\n|--', '| a | b |\n| --- | --- |'],
    ['snake_case_name', 'snake_case_name'],
    ['2 * 3', '2 * 3'],
    ['done.', 'done.'],
  ])('%j is shown as %j', (text, shown) => {
    const blocks = (words: string) => drawn(new GrowingText().update(words));
    expect(blocks(mend(text))).toBe(blocks(shown));
  });

  it('does not jump between forms while a listing, a table or bold words come', () => {
    const text =
      'Some **bold words** and `code`:\n\n```rust\nlet a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.\n';
    const growing = new GrowingText();
    const forms: string[] = [];
    for (let end = 1; end <= text.length; end += 1) {
      const form = growing
        .update(text.slice(0, end), true)
        .map(({ node }) => node.type)
        .join(' ');
      if (form !== forms.at(-1)) forms.push(form);
      expect(drawn(growing.blocks)).not.toMatch(/"value":"[^"]*(\*\*|`|\|)/);
    }
    expect(forms.filter((form) => form !== '')).toEqual([
      'paragraph',
      'paragraph code',
      'paragraph code table',
      'paragraph code table paragraph',
    ]);
  });

  it('leaves nothing of it behind when the text is whole', () => {
    const text = 'a **b** [c](https://d.example) `e`\n\n- f\n- g **h**\n\n| i |\n|---|\n| j |\n';
    const growing = new GrowingText();
    for (let end = 1; end <= text.length; end += 1) {
      const part = text.slice(0, end);
      growing.update(part, true);
      const settled = new GrowingText();
      settled.update(part.slice(0, -1), true);
      expect(drawn(settled.update(part))).toBe(drawn(new GrowingText().update(part)));
    }
    expect(drawn(growing.update(text))).toBe(drawn(new GrowingText().update(text)));
  });
});
