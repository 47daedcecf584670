import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countSet, emptySetup, readNumber, readStop, setParameters, writeStop } from './setup';

const rule = { least: 0, most: 2, whole: false };

describe('a number of a parameter', () => {
  it('is read, and empty is the default', () => {
    expect(readNumber(' 0,7 ', rule)).toEqual({ value: 0.7 });
    expect(readNumber('.5', rule)).toEqual({ value: 0.5 });
    expect(readNumber('', rule)).toEqual({ value: null });
  });

  for (const [typed, fault] of [
    ['warm', 'notANumber'],
    ['1e400', 'notANumber'],
    ['0x10', 'notANumber'],
    ['-', 'notANumber'],
    ['2.01', 'outside'],
    ['-0.1', 'outside'],
  ] as const) {
    it(`is refused: ${typed}`, () => expect(readNumber(typed, rule)).toEqual({ fault }));
  }

  it('is whole where it must be', () => {
    const whole = { least: 1, most: null, whole: true };
    expect(readNumber('1.5', whole)).toEqual({ fault: 'notWhole' });
    expect(readNumber('4096', whole)).toEqual({ value: 4096 });
    expect(readNumber('0', whole)).toEqual({ fault: 'outside' });
  });
});

it('a stop text is read as it is written', () => {
  expect(writeStop('a\n\tb\\n')).toBe('a\\n\\tb\\\\n');
  fc.assert(fc.property(fc.string(), (text) => readStop(writeStop(text)) === text));
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('\\', 'n', 't', '\n', '\t') }),
      (text) => readStop(writeStop(text)) === text,
    ),
  );
});

it('what is set is counted, zero and off among it', () => {
  expect(countSet(emptySetup())).toBe(0);
  const setup = { ...emptySetup(), temperature: 0, reasoningEffort: 'none' as const, systemPrompt: ' x' };
  expect(setParameters(setup)).toEqual(['temperature', 'reasoningEffort']);
  expect(countSet(setup)).toBe(3);
});
