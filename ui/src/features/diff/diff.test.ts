import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compare, LIMITS, type Comparison } from './compare';
import { rowsOf, type Row } from './rows';
import { linesOf, wordsOf } from './tokens';

// As the shell does it: code that writes over what it inherits does not work there.
beforeAll(() => void Object.freeze(Object.prototype));

/** What is marked, in short: [-only left-]{+only right+}. */
const marked = (left: string, right: string) =>
  rowsOf(compare(left, right).stretches)
    .flatMap(({ pieces }) => pieces)
    .map((piece) =>
      piece.kind === 'same' ? piece.left : piece.kind === 'del' ? `[-${piece.text}-]` : `{+${piece.text}+}`,
    )
    .join('');

const side = (rows: Row[], of: 'left' | 'right') =>
  rows.map(({ pieces }) =>
    pieces
      .map((piece) =>
        piece.kind === 'same' ? piece[of] : piece.kind === (of === 'left' ? 'del' : 'ins') ? piece.text : '',
      )
      .join(''),
  );

const rowsFor = (left: string, right: string, limits = LIMITS) =>
  rowsOf(compare(left, right, limits).stretches);

/** Words that come often, as in texts that were written by people or models. */
const prose = fc
  .array(
    fc.constantFrom('the', 'key ', 'is', ' a', ' ', '\n', '\n\n', '  - ', 'retry', '.', '```', 'день', '鍵'),
  )
  .map((words) => words.join(''));

describe('words', () => {
  it('are cut with the blanks after them, and are the whole text', () => {
    expect(wordsOf('One, two.\n\n  - three').map(({ text }) => text)).toEqual([
      'One',
      ', ',
      'two',
      '.\n\n',
      '  - ',
      'three',
    ]);
    expect(wordsOf('**bold** ```js').map(({ text }) => text)).toEqual(['**', 'bold', '** ', '```', 'js']);
    expect(wordsOf('')).toEqual([]);
    expect(wordsOf(' \n ').map(({ text }) => text)).toEqual([' \n ']);
    fc.assert(
      fc.property(fc.oneof(prose, fc.string({ unit: 'binary' })), (text) => {
        expect(
          wordsOf(text)
            .map((token) => token.text)
            .join(''),
        ).toBe(text);
        expect(
          linesOf(text)
            .map((token) => token.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  it('are words in scripts without blanks, and one emoji is one', () => {
    expect(wordsOf('我喜欢喝绿茶').length).toBeGreaterThan(1);
    expect(wordsOf('我喜欢喝绿茶').length).toBeLessThan(6);
    expect(wordsOf('👩‍👩‍👧 🇩🇪').map(({ text }) => text)).toEqual(['👩‍👩‍👧 ', '🇩🇪']);
  });
});

describe('what differs', () => {
  it('is marked by words', () => {
    expect(marked('The slow brown fox.', 'The quick brown fox.')).toBe('The [-slow -]{+quick +}brown fox.');
    expect(marked('I like tea', 'I like green tea')).toBe('I like {+green +}tea');
    expect(marked('a cafe\u0301 there', 'a café there')).toBe('a cafe\u0301 there');
  });

  it('is marked by words in Chinese, Japanese and Thai', () => {
    expect(marked('我喜欢喝绿茶。', '我喜欢喝红茶。')).toBe('我喜欢喝[-绿茶-]{+红茶+}。');
    expect(marked('私は犬が好きです。', '私は猫が好きです。')).toBe('私は[-犬-]{+猫+}が好きです。');
    expect(marked('ฉันกินข้าว', 'ฉันกินปลา')).toBe('ฉันกิน[-ข้าว-]{+ปลา+}');
  });

  it('never cuts an emoji', () => {
    expect(marked('Done 👩‍👩‍👧!', 'Done 👩‍👩‍👦!')).toBe('Done [-👩‍👩‍👧-]{+👩‍👩‍👦+}!');
    expect(marked('🇩🇪 yes', '🇩🇰 yes')).toBe('[-🇩🇪 -]{+🇩🇰 +}yes');
  });

  it('is nothing between equal texts, and all where one is empty', () => {
    const none = { changes: 0, onlyLeft: 0, onlyRight: 0 };
    expect(compare('Same words.', 'Same words.')).toMatchObject(none);
    expect(compare('Same\nwords.', 'Same words.')).toMatchObject(none);
    expect(compare('', '')).toMatchObject({ ...none, stretches: [] });
    expect(compare('', 'two words')).toMatchObject({ changes: 1, onlyLeft: 0, onlyRight: 2 });
    expect(compare('two words', '')).toMatchObject({ changes: 1, onlyLeft: 2, onlyRight: 0 });
  });

  it('is one difference where only a word or two between many are alike by chance', () => {
    const left = 'Retries are safe because the server remembers every request it has seen.';
    const right = 'Nothing is charged twice when the customer presses a button again and again.';
    expect(compare(left, right).changes).toBe(1);
    // A full stop at the end is nothing in common, beside a single word it is.
    expect(compare(`x ${left}`, `x ${right}`).stretches).toHaveLength(2);
    expect(compare('I like tea.', 'I like coffee.').stretches).toHaveLength(3);
    // What is alike beside a single word stays.
    expect(compare('a slow brown fox', 'a quick brown dog').changes).toBe(2);
  });

  it('is counted in words of each side', () => {
    expect(compare('one two three four', 'one 2 3 four five')).toMatchObject({ onlyLeft: 2, onlyRight: 3 });
  });

  it('is all there, whatever the texts', () => {
    fc.assert(
      fc.property(prose, prose, (left, right) => {
        const seen = compare(left, right);
        const text = (of: 'left' | 'right') =>
          seen.stretches.flatMap((stretch) => stretch[of].map((token) => token.text)).join('');
        expect([text('left'), text('right')]).toEqual([left, right]);
        const rows = rowsOf(seen.stretches);
        expect([side(rows, 'left').join(''), side(rows, 'right').join('')]).toEqual([left, right]);
        const at = rows.flatMap(({ pieces }) => pieces.flatMap((one) => ('at' in one ? [one.at] : [])));
        expect(new Set(at).size).toBe(seen.changes);
        for (const { kind, left: gone, right: come } of seen.stretches)
          if (kind === 'same') expect(gone.map(({ key }) => key)).toEqual(come.map(({ key }) => key));
      }),
    );
  });
});

describe('what takes too long', () => {
  const words = (count: number, of: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => of(at)).join(' ');
  const grainOf = (seen: Comparison) => seen.grain;

  it('is compared by lines, and says so', () => {
    const same = 'The same line in both of them.\n'.repeat(8000);
    const seen = compare(`${same}One.\n`, `${same}Two things.\n`);
    expect(seen).toMatchObject({ grain: 'lines', changes: 1, onlyLeft: 1, onlyRight: 2 });
    expect(grainOf(compare('a b', 'c d', { ...LIMITS, edits: 0 }))).toBe('none');
  });

  it('ends in time, whatever differs', () => {
    const left = words(30_000, (at) => `left${at}`);
    const right = words(30_000, (at) => `right${at}`);
    const begun = performance.now();
    const seen = compare(left, right, { ...LIMITS, ms: 50 });
    expect(seen.grain).toBe('lines');
    // Cutting them takes its time too; without a bound this takes minutes.
    expect(performance.now() - begun).toBeLessThan(15_000);
    const lines = (by: string) => Array.from({ length: 60_000 }, (_, at) => `${by} ${at}\n`).join('');
    const both = compare(lines('left'), lines('right'), { ...LIMITS, ms: 20 });
    expect(both).toMatchObject({ grain: 'none', changes: 1 });
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  it('takes a long text no longer for each word than a short one', () => {
    const begun = performance.now();
    expect(rowsFor('line\n'.repeat(20_000), 'line\n'.repeat(19_999))).toHaveLength(20_000);
    expect(wordsOf('我喜欢喝绿茶。'.repeat(20_000)).length).toBeGreaterThan(40_000);
    // Cut in one go they take more than ten times as long.
    expect(performance.now() - begun).toBeLessThan(4000);
  });

  it('cuts long lines before words, not within', () => {
    const text = 'abcdefgh '.repeat(500);
    expect(new Set(wordsOf(text).map((token) => token.text))).toEqual(new Set(['abcdefgh ']));
  });
});

describe('rows', () => {
  it('end where a line ends in both texts', () => {
    const rows = rowsFor('One.\n\nTwo is here.\n\nThree.', 'One.\nTwo is there.\n\nThree.');
    expect(side(rows, 'left')).toEqual(['One.\n\n', 'Two is here.\n\n', 'Three.']);
    expect(side(rows, 'right')).toEqual(['One.\n', 'Two is there.\n\n', 'Three.']);
    expect(rows.map(({ pieces }) => pieces.some(({ kind }) => kind !== 'same'))).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('pair the lines of what was replaced, and the rest stand alone', () => {
    const rows = rowsFor('Top.\nred fish\nblue fish\nEnd.', 'Top.\nsomething else entirely\nEnd.');
    expect(side(rows, 'left')).toEqual(['Top.\n', 'red fish\n', 'blue fish\n', 'End.']);
    expect(side(rows, 'right')).toEqual(['Top.\n', 'something else entirely\n', '', 'End.']);
  });

  it('do not end within a line of either', () => {
    const rows = rowsFor('Hello world.\nNew here. Rest', 'Hello Rest');
    expect(side(rows, 'right')).toEqual(['Hello Rest']);
  });

  it('hold all that is gone before what comes, where a line of one is still open', () => {
    const left = 'A long line that is gone from here.\nAnother long line that is gone.\nAnd all of it again';
    const right = 'Something came which nobody had expected';
    const rows = rowsFor(`${left} stays as it was written here.`, `${right} stays as it was written here.`);
    const [{ pieces } = { pieces: [] }] = rows;
    expect(rows).toHaveLength(1);
    expect(pieces.map(({ kind }) => kind)).toEqual(['del', 'ins', 'same']);
  });

  it('keep what code is indented by', () => {
    const rows = rowsFor('if a:\n    go()\n', 'if b:\n    go()\n');
    expect(side(rows, 'left')).toEqual(['if a:\n', '    go()\n']);
  });
});
