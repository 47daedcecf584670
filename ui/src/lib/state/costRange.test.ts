import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, plus, span } from '$lib/days/calendar';
import { daysOf, isRunningMonth, monthsSince, ofBucket, presets, type CostRange } from './costRange';

const TODAY = '2026-11-21';

describe('the days of a range', () => {
  it.each<[CostRange, string, string]>([
    [{ kind: 'thisMonth' }, '2026-11-01', '2026-11-30'],
    [{ kind: 'lastMonth' }, '2026-10-01', '2026-10-31'],
    [{ kind: 'last7' }, '2026-11-15', '2026-11-21'],
    [{ kind: 'last30' }, '2026-10-23', '2026-11-21'],
    [{ kind: 'thisYear' }, '2026-01-01', '2026-11-21'],
    [{ kind: 'all' }, '2025-03-04', '2026-11-21'],
    [{ kind: 'month', month: '2024-02' }, '2024-02-01', '2024-02-29'],
    [{ kind: 'days', from: '2026-05-09', to: '2026-05-02' }, '2026-05-02', '2026-05-09'],
  ])('%o', (range, from, to) => {
    expect(daysOf(range, TODAY, '2025-03-04')).toEqual({ from, to });
  });

  it('goes over the turn of a year', () => {
    expect(daysOf({ kind: 'lastMonth' }, '2026-01-31', null)).toEqual({
      from: '2025-12-01',
      to: '2025-12-31',
    });
    expect(daysOf({ kind: 'all' }, TODAY, null)).toEqual({ from: TODAY, to: TODAY });
  });

  it('is in order and as long as it says, on any day', () => {
    const days = fc.integer({ min: 0, max: 40_000 }).map((at) => dayOf(at * 86_400_000));
    fc.assert(
      fc.property(days, days, fc.constantFrom(...presets), (today, since, kind) => {
        const { from, to } = daysOf({ kind }, today, since);
        expect(from <= to).toBe(true);
        if (kind === 'last7') expect(span(from, to)).toBe(7);
        if (kind === 'last30') expect(span(from, to)).toBe(30);
        if (kind === 'thisMonth') {
          expect(isRunningMonth(from, to, today)).toBe(true);
          expect(plus(to, 1).endsWith('-01')).toBe(true);
        }
      }),
    );
  });

  it('names a bar of the chart', () => {
    expect(ofBucket('2026-11')).toEqual({ kind: 'month', month: '2026-11' });
    expect(ofBucket(TODAY)).toEqual({ kind: 'days', from: TODAY, to: TODAY });
  });

  it('lists the months since the first request, the newest first', () => {
    expect(monthsSince('2026-09-30', TODAY)).toEqual(['2026-11', '2026-10', '2026-09']);
    expect(monthsSince(null, TODAY)).toEqual(['2026-11']);
  });
});
