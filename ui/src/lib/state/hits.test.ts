import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { around } from './hits';

describe('a line of the palette', () => {
  it('leaves a short text as it is', () => {
    expect(around({ text: 'a short queue', marks: [[8, 13]] })).toEqual({
      text: 'a short queue',
      marks: [[8, 13]],
    });
  });

  it('begins at a word a little before the place', () => {
    const text = `${'before '.repeat(20)}queue${' after'.repeat(20)}`;
    const line = around({ text, marks: [[140, 145]] });
    expect(line.text).toMatch(/^…before before queue after .*…$/);
    expect(line.marks.map(([start, end]) => line.text.slice(start, end))).toEqual(['queue']);
  });

  it('marks the same words wherever they stand, and stays short', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('queue', 'word', 'longer-word-of-a-text', '…'), { maxLength: 60 }),
        (words) => {
          const text = words.join(' ');
          const marks = [...text.matchAll(/queue/g)].map(({ index }): [number, number] => [index, index + 5]);
          const line = around({ text, marks });
          expect(line.text.length).toBeLessThanOrEqual(50);
          expect(line.marks.length > 0).toBe(marks.length > 0);
          for (const [start, end] of line.marks) expect('queue').toContain(line.text.slice(start, end));
        },
      ),
    );
  });

  it('cuts no character in two', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('👋', 'a', '東', ' ')), fc.nat(40), (before, more) => {
        const text = `${before.join('')}${'👋'.repeat(more)}queue${'👋'.repeat(more)}`;
        const at = text.indexOf('queue');
        const line = around({ text, marks: [[at, at + 5]] });
        expect(line.text).not.toMatch(
          /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/,
        );
      }),
    );
  });
});
