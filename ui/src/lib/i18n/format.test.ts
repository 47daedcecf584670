import { describe, expect, it } from 'vitest';
import { format } from './format';

const usd = (value: number) => Math.round(value * 1e9);

describe('format', () => {
  it.each([
    [0, '$0.00'],
    [0.0156, '$0.0156'],
    [0.5, '$0.5000'],
    [0.99999, '$1.00'],
    [41.87, '$41.87'],
    [1234.5, '$1,234.50'],
    [0.00042, '$0.00042'],
    [0.0000123, '$0.000012'],
  ])('writes %d dollars that are known as %s', (value, words) =>
    expect(format.money(usd(value))).toBe(words),
  );

  it.each([
    [0.0343, '≈ $0.034'],
    [0.0004, '≈ $0.0004'],
    [0.999, '≈ $1.00'],
    [26.3, '≈ $26.30'],
  ])('writes %d dollars that are guessed as %s', (value, words) =>
    expect(format.estimate(usd(value))).toBe(words),
  );

  it.each([
    [0.004, '<$0.01'],
    [0.08, '$0.08'],
    [0, '$0.00'],
  ])('rounds %d to the cent in lists: %s', (value, words) => expect(format.cents(usd(value))).toBe(words));

  it.each([
    [0, '0'],
    [3, '3.00'],
    [0.59, '0.59'],
    [0.075, '0.075'],
    [15, '15.00'],
  ])('writes a price of %d as %s', (value, words) => expect(format.price(usd(value))).toBe(words));

  it.each([
    [920, '0.92 s'],
    [999, '1.0 s'],
    [3200, '3.2 s'],
    [13_400, '13 s'],
    [59_600, '1 min 0 s'],
    [134_000, '2 min 14 s'],
    [3_900_000, '1 h 5 min'],
  ])('writes %d ms as %s', (ms, words) => expect(format.duration(ms)).toBe(words));

  it.each([
    [0, '0 s'],
    [900, '0 s'],
    [5400, '5 s'],
    [75_000, '1 min 15 s'],
  ])('lets a clock of %d ms say %s', (ms, words) => expect(format.elapsed(ms)).toBe(words));

  it.each([
    [512, '512'],
    [8410, '8.4k'],
    [131_072, '131k'],
    [200_000, '200k'],
    [1_000_000, '1M'],
    [1_047_576, '1.05M'],
  ])('writes a window of %d as %s', (value, words) => expect(format.tokens(value)).toBe(words));

  it.each([
    [0, '0 %'],
    [0.001, '< 1 %'],
    [0.18, '18 %'],
    [0.999, '> 99 %'],
    [1, '100 %'],
    [1943, '194,300 %'],
  ])('writes a share of %d as %s', (share, words) => expect(format.percent(share)).toBe(words));

  it.each([
    ['2026-12-01', '2026-11-21', '1 Dec'],
    ['2025-12-01', '2026-11-21', '1 Dec 2025'],
    ['not a day', '2026-11-21', 'not a day'],
  ])('writes the day %s, read on %s, as %s', (day, today, words) =>
    expect(format.day(day, today)).toBe(words),
  );

  it('writes the month of a day, and of a month alone', () => {
    expect(format.month('2026-11-21')).toBe('November 2026');
    expect(format.month('2026-01')).toBe('January 2026');
  });

  it('knows no speed where a figure is missing', () => {
    expect(format.speed(798, 920, 13_400)).toBe('64');
    expect(format.speed(null, 920, 13_400)).toBeNull();
    expect(format.speed(798, null, 13_400)).toBeNull();
    expect(format.speed(798, 920, 920)).toBeNull();
  });
});
