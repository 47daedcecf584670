import { describe, expect, it } from 'vitest';
import { readRates, typedOf } from './rates';

const nothing = { input: '', output: '', cacheRead: '', cacheWrite: '', reasoning: '', request: '' };

describe('a price', () => {
  it('needs input and output, and nothing else', () => {
    expect(readRates(nothing)).toEqual({ faults: { input: 'noInput', output: 'noOutput' } });
    const read = readRates({ ...nothing, input: '0', output: '12' });
    expect(read).toMatchObject({ rates: { input: 0, output: 12e9, cacheRead: null, request: null } });
  });

  it('names every field that is wrong', () => {
    const read = readRates({ ...nothing, input: '1', output: 'x', reasoning: '-3' });
    expect(read).toEqual({ faults: { output: 'notANumber', reasoning: 'outside' } });
  });

  it('is shown as it is kept', () => {
    const rates = {
      input: 1.25e9,
      output: 1e10,
      cacheRead: 1.25e8,
      cacheWrite: null,
      reasoning: null,
      request: 5e6,
    };
    expect(readRates(typedOf(rates))).toEqual({ rates });
  });
});
