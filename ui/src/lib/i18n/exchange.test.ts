import { describe, expect, it } from 'vitest';
import { BackendError } from '$lib/ipc/errors';
import { exchangeEn } from './exchange.en';

const words = exchangeEn.import;
const refused = (cause: string, message: string, code = 'invalid') =>
  new BackendError({ code, category: null, message, field: 'text', status: null, cause });

describe('what is wrong with a configuration', () => {
  it('names the line and the word', () =>
    expect(words.fault(refused('unknown_key', 'line 1203: unknown key: colour'))).toEqual({
      line: 'Line 1,203',
      text: '“colour” is no key of a configuration. Correct or remove it.',
    }));

  it('does without either', () =>
    expect(words.fault(refused('not_readable', 'this is neither TOML nor JSON'))).toEqual({
      line: null,
      text: 'This is neither TOML nor JSON. A comma, a quote or a bracket may be missing.',
    }));

  it('repeats no value that only looks like a name', () =>
    expect(
      words.fault(refused('wrong_value', 'line 2: the value cannot be used: sk secret words'))?.text,
    ).toBe('A value cannot be used. Correct it.'));

  it('leaves what it does not know to others', () => {
    expect(words.fault(refused('toString', 'x'))).toBeNull();
    expect(words.fault(refused('empty', 'x', 'secret'))).toBeNull();
  });
});

describe('what comes along beside providers', () => {
  it.each([
    [2, 0, 'Also 2 budgets.'],
    [0, 1, 'Also 1 price of your own.'],
    [1, 3, 'Also 1 budget and 3 prices of your own.'],
  ])('%i budgets and %i prices', (budgets, prices, text) =>
    expect(words.also(budgets, prices)).toContain(text),
  );
});

describe('what became of a part', () => {
  const vendor = (id: string) => ({ 'openai-compatible': 'OpenAI-compatible' })[id] ?? id;

  it.each([
    ['variableUnset', 'A_KEY', 'look', /^The variable A_KEY is not set now\./],
    ['unknownVendor', 'openai-compatible', 'look', /It becomes OpenAI-compatible;/],
    ['badValue', '1 to 10', 'look', /It takes 1 to 10\.$/],
    ['inClear', null, 'look', /readable to everybody/],
    ['leftOut', null, 'out', /no place for it/],
    ['moved', 'timeout.first_event_s', 'moved', /^Kept as timeout\.first_event_s\.$/],
  ] as const)('is said of %s, in its group', (code, detail, group, said) => {
    const note = { path: 'a', code, detail };
    expect(words.groupOf(note)).toBe(group);
    expect(words.note(note, vendor)).toMatch(said);
  });
});
