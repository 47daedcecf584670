import { describe, expect, it } from 'vitest';
import type { BudgetView } from '$lib/ipc/bindings';
import { meterOf } from './meter';
import { readShares } from './shares';

export const budget = (change: Partial<BudgetView> = {}): BudgetView => ({
  id: 'b',
  scope: { kind: 'all' },
  name: '',
  period: 'month',
  limitNano: 80e9,
  warnAt: [80],
  atLimit: 'ask',
  spentNano: 41.87e9,
  guessedNano: 0,
  reservedNano: 0,
  unknown: 0,
  until: '2026-12-01',
  warned: 0,
  reached: false,
  ...change,
});

describe('shares to warn at', () => {
  it('are read in any order, once each', () => {
    expect(readShares('95, 80 80%')).toEqual({ shares: [80, 95] });
    expect(readShares(' ')).toEqual({ shares: [] });
  });

  it('are whole numbers from 1 to 100, five at most', () => {
    for (const typed of ['0', '101', '12.5', 'half']) expect(readShares(typed)).toEqual({ fault: 'shares' });
    expect(readShares('1 2 3 4 5 6')).toEqual({ fault: 'many' });
  });
});

describe('the meter of a budget', () => {
  it('shows what is spent and what is under way after it', () => {
    const meter = meterOf(budget({ spentNano: 40e9, reservedNano: 4e9 }));
    expect(meter).toEqual({ spent: 50, reserved: 5, ticks: [80], percent: 50, level: 'calm' });
  });

  it('never says more is spent than was', () => {
    expect(meterOf(budget({ spentNano: 63.99e9 }))).toMatchObject({ percent: 79, level: 'calm' });
    expect(meterOf(budget({ spentNano: 64e9 }))).toMatchObject({ percent: 80, level: 'warn' });
  });

  it('ends where it ends', () => {
    expect(meterOf(budget({ spentNano: 90e9, reservedNano: 5e9, reached: true }))).toEqual({
      spent: 100,
      reserved: 0,
      ticks: [80],
      percent: 112,
      level: 'err',
    });
  });
});
