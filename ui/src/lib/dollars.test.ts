import { describe, expect, it } from 'vitest';
import { asTyped, readDollars } from './dollars';

const bounds = { least: 0, most: 100_000 };

describe('dollars that are typed', () => {
  it('are whole nano-USD, with a point or a comma, with or without the sign', () => {
    expect(readDollars('2.5', bounds)).toEqual({ nano: 2_500_000_000 });
    expect(readDollars(' $0,075 ', bounds)).toEqual({ nano: 75_000_000 });
    expect(readDollars('0.000000001', bounds)).toEqual({ nano: 1 });
  });

  it('keep a nought apart from nothing', () => {
    expect(readDollars('0', bounds)).toEqual({ nano: 0 });
    expect(readDollars('', bounds)).toEqual({ nano: null });
  });

  it('say what is wrong with them', () => {
    expect(readDollars('two', bounds)).toEqual({ fault: 'notANumber' });
    expect(readDollars('-1', bounds)).toEqual({ fault: 'outside' });
    expect(readDollars('100001', bounds)).toEqual({ fault: 'outside' });
  });

  it('come back as they were typed', () => {
    for (const text of ['0', '2.5', '0.075', '15', '0.0000001', '80', '100']) {
      const read = readDollars(text, bounds);
      expect('nano' in read && asTyped(read.nano)).toBe(text);
    }
  });
});
