import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vendors as catalogue } from '$lib/ipc/fake/catalogue';
import { fitting, keysIn, mask, recognise } from './recognise';

const vendors = catalogue([]);
const tail = 'Ab12Cd34Ef56Gh78';
const names = (key: string) => fitting(key, vendors).map(({ id }) => id);

describe('recognise', () => {
  it.each([
    [`sk-ant-${tail}`, ['anthropic']],
    [`sk-proj-${tail}`, ['openai']],
    [`sk-or-${tail}`, ['openrouter']],
    [`sk-${tail}`, ['deepseek', 'moonshot']],
    [`AIza${tail}`, ['gemini']],
    [tail, []],
  ])('gives %s to the longest beginning that fits', (key, ids) => expect(names(key)).toEqual(ids));

  it('believes the variable before the form', () => {
    const pasted = { key: `sk-${tail}`, variable: 'MISTRAL_API_KEY' };
    expect(recognise(pasted, vendors).map(({ id }) => id)).toEqual(['mistral']);
  });

  it('never takes a shorter beginning where a longer one fits', () =>
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        (parts) => {
          const [first] = vendors;
          if (!first) return;
          const made = parts.map((_, at) => ({
            ...first,
            id: `v${at}`,
            keyPrefixes: [parts.slice(0, at + 1).join('')],
          }));
          const found = fitting(parts.join(''), made);
          expect(found.map(({ id }) => id)).toEqual([`v${parts.length - 1}`]);
        },
      ),
    ));
});

describe('keysIn', () => {
  const keys = (text: string) => keysIn(text, vendors).map(({ key }) => key);

  it.each([
    ['one', `sk-ant-${tail}`, [`sk-ant-${tail}`]],
    [
      'lines, commas and blanks',
      `a${tail}\nb${tail}, c${tail} d${tail};`,
      ['a', 'b', 'c', 'd'].map((at) => at + tail),
    ],
    ['a profile', `export GROQ_API_KEY="gsk_${tail}"\nX='${tail}'`, [`gsk_${tail}`, tail]],
    ['prose around it', `Here is the key for the team: sk-ant-${tail} (keep it)`, [`sk-ant-${tail}`]],
    ['the same twice', `${tail}\n${tail}`, [tail]],
    ['an address', 'https://console.example.com/keys', []],
    ['words alone', 'no key at all', []],
    ['what is no ASCII', 'schlüsselschlüsselschlüssel', []],
  ])('finds %s', (_, text, found) => expect(keys(text)).toEqual(found));

  it('keeps the name a key stood behind', () =>
    expect(keysIn(`MISTRAL_API_KEY=${tail}`, vendors)).toEqual([{ key: tail, variable: 'MISTRAL_API_KEY' }]));

  it('finds every key again however they are joined', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{20,40}$/), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n', ' ', ', ', ';', '\t'),
        (given, joint) => void expect(new Set(keys(given.join(joint)))).toEqual(new Set(given)),
      ),
    ));
});

describe('mask', () => {
  it('shows ten characters at most, and none of a short key', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,80}$/), (key) => {
        const shown = mask(key);
        expect(shown.length).toBeLessThanOrEqual(11);
        if (key.length < 20) expect(shown).toBe('••••••••');
        else expect(shown).toBe(`${key.slice(0, 6)}…${key.slice(-4)}`);
      }),
    ));
});
