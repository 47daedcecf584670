import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesOf, hasEndlessWord, mayHide, stretches } from './visible';

const hidden = (text: string) =>
  stretches(text)
    .filter((part) => part.hidden)
    .map((part) => codesOf(part.text));

describe('characters that cannot be seen', () => {
  it.each([
    ['an override', 'a\u202Eb', ['U+202E']],
    ['isolates', '\u2066a\u2069', ['U+2066', 'U+2069']],
    ['a blank without a width', 'pay\u200Bpal', ['U+200B']],
    ['direction marks', 'a\u200Eb\u200Fc', ['U+200E', 'U+200F']],
    ['tags', 'a\u{E0041}\u{E0042}\u{E0043}\u{E0044}', ['U+E0041 U+E0042 U+E0043 +1']],
    ['a joiner between Latin letters', 'a\u200Db', ['U+200D']],
    ['a byte order mark', '\uFEFFa', ['U+FEFF']],
    ['variation selectors that carry data', '\u{1F600}\uFE0F\uFE01\uFE02', ['U+FE0F U+FE01 U+FE02']],
    ['many of one', `a${'\u200B'.repeat(40)}`, ['U+200B ×40']],
    ['a soft hyphen outside of a word', 'a \u00AD b', ['U+00AD']],
    ['tags after a flag of none', '\u{1F3F4}\u{E0061}\u{E0062}\u{E007F}', ['U+E0061 U+E0062 U+E007F']],
    ['a control code', 'a\u001B[2Jb', ['U+001B']],
  ])('shows %s', (_name, text, codes) => expect(hidden(text)).toEqual(codes));

  it.each([
    ['a family', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'],
    ['a heart on fire', '\u2764\uFE0F\u200D\u{1F525}'],
    ['a flag in colours', '\u{1F3F3}\uFE0F\u200D\u{1F308}'],
    ['the flag of Scotland', '\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
    ['Persian', '\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645'],
    ['Devanagari', '\u0915\u094D\u200D\u0937'],
    ['a half form at the end', '\u0915\u094D\u200D'],
    ['a keycap', '1\uFE0F\u20E3'],
    ['a soft hyphen in a word', 'Donau\u00ADdampf'],
    ['plain words', 'Grüße, 日本語 and עברית.\n\tend'],
  ])('leaves %s alone', (_name, text) => expect(hidden(text)).toEqual([]));

  it('loses and moves nothing, whatever the text', () => {
    const unit = fc.constantFrom(
      'a',
      ' ',
      '\u200B',
      '\u200D',
      '\u202E',
      '\u{1F468}',
      '\uFE0F',
      '\u0645',
      '\u{E0041}',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), (units) => {
        const text = units.join('');
        expect(
          stretches(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
        if (!mayHide(text)) expect(hidden(text)).toEqual([]);
      }),
      { seed: 4_711 },
    );
  });
});

describe('a word without an end', () => {
  it('is told by its length alone, wherever it stands', () => {
    const word = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 995, max: 1_005 }),
      fc.constant(2_500),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.constantFrom(' ', '\n', '\t\u00A0'))), (words) => {
        const text = words.map(([length, blank]) => 'x'.repeat(length) + blank).join('');
        expect(hasEndlessWord(text)).toBe(text.split(/\s/).some(({ length }) => length > 1_000));
      }),
    );
  });
});
