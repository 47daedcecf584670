import { render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { everything } from '$lib/ipc/fake/texts';
import Markdown from './Markdown.svelte';

const show = (text: string) => render(Markdown, { text }).container;

describe('Markdown', () => {
  it('shows raw HTML as text and makes no element of it', () => {
    const hostile = [
      '<script>alert(1)</script>',
      'before <img src=x onerror=alert(1)> after',
      '<iframe srcdoc="<p>x"></iframe>',
      '<svg onload=alert(1)>',
    ];
    const box = show(hostile.join('\n\n'));
    expect(box.querySelector('script, img, iframe, svg[onload], [onerror], [srcdoc]')).toBeNull();
    for (const words of hostile) expect(box.textContent).toContain(words);
  });

  it('makes no link and loads no image, and shows their addresses', () => {
    const box = show('[words](javascript:alert(1)) ![alt](https://example.org/a.png) https://example.org/b');
    expect(box.querySelector('a, img, [href], [src]')).toBeNull();
    expect(box.textContent).toContain('javascript:alert(1)');
    expect(box.textContent).toContain('https://example.org/a.png');
    expect(box.textContent).toContain('https://example.org/b');
  });

  it('keeps the spaces between words of different kinds', () => {
    const box = show('one **two** *three* `four` ~~five~~ six.');
    expect(box.querySelector('p')?.textContent?.trim()).toBe('one two three four five six.');
  });

  it('takes prices for words and formulas for code', () => {
    expect(show('It costs $5 and $6.').querySelector('code')).toBeNull();
    expect(show('It costs $5 and $6.').textContent).toContain('It costs $5 and $6.');
    expect(show('So $a_b$ is it.').querySelector('code')?.textContent).toBe('a_b');
  });

  it('builds headings, lists, tables and code', () => {
    const box = show(everything);
    expect(box.querySelector('h2')?.textContent).toBe('A heading of the first rank');
    expect(box.querySelectorAll('ol > li')).toHaveLength(3);
    expect(box.querySelectorAll('[role="img"]')).toHaveLength(2);
    expect(box.querySelector('blockquote')).not.toBeNull();
    // Without a worker, as here, a formula stays as it was written.
    expect(box.querySelector('.math')?.textContent).toContain('\\int_0^1');
    expect(box.querySelector('pre')?.textContent).toContain('plain');
    const table = show('| a | b |\n|---|--:|\n| 1 | 2 |\n');
    expect([...table.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual(['1', '2']);
    expect(table.querySelectorAll('td')[1]?.className).toContain('right');
  });

  it('leaves finished blocks alone while the text grows', async () => {
    const { container, rerender } = render(Markdown, { text: '# Title\n\nA first paragraph.\n\nAnd' });
    const before = [...container.querySelectorAll('.prose > *')].slice(0, 2);
    const words = before[1]?.firstChild;
    for (const more of [' a', ' a sec', ' a second one.\n\n- list\n- more\n\nend']) {
      await rerender({ text: `# Title\n\nA first paragraph.\n\nAnd${more}` });
      await tick();
    }
    const after = [...container.querySelectorAll('.prose > *')];
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[1]?.firstChild).toBe(words);
    expect(container.textContent).toContain('And a second one.');
  });
});
