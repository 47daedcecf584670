import { describe, expect, it } from 'vitest';
import type { LeaderRow, TrialDifference, TrialTarget } from '$lib/ipc/bindings';
import { sortedRows } from './board';
import { scaleOf } from './scale';
import { fewest, neededEach, seenShare, targetName, verdictOf } from './trial';

const row = (points: number, half: number, over: Partial<LeaderRow> = {}): LeaderRow => ({
  target: { providerId: 'p', model: `m${points}` },
  providerName: 'P',
  mark: { letters: 'Pp', hue: 'clay', hatched: false },
  category: 'cloud',
  points,
  low: points - half,
  high: points + half,
  rank: 1,
  wins: 1,
  losses: 1,
  ties: 0,
  meanNano: 1,
  firstTokenMs: 1,
  tokensPerSecond: 1,
  ...over,
});

const target = (model: string, over: Partial<TrialTarget> = {}): TrialTarget => ({
  target: { providerId: 'p', model },
  providerName: 'P',
  mark: { letters: 'Pp', hue: 'clay', hatched: false },
  category: 'cloud',
  weight: 0.5,
  picked: 0,
  answered: 0,
  wins: 0,
  losses: 0,
  thumbsUp: 0,
  thumbsDown: 0,
  meanNano: null,
  firstTokenMs: null,
  ...over,
});

describe('the scale of the intervals', () => {
  it('holds every point and every interval that is known well', () => {
    const rows = [row(1200, 50), row(1000, 80), row(850, 60)];
    const { barOf, average } = scaleOf(rows, 360);
    const bars = rows.map(barOf);
    for (const bar of bars) {
      expect(bar.low).toBeLessThan(bar.at);
      expect(bar.at).toBeLessThan(bar.high);
      expect([bar.openLow, bar.openHigh, bar.unsure]).toEqual([false, false, false]);
    }
    expect(bars[1]?.at).toBe(average);
    expect(bars[0]?.at).toBeGreaterThan(average);
    // As far apart as the points are.
    const [a = 0, b = 0, c = 0] = bars.map(({ at }) => at);
    expect((a - b) / (b - c)).toBeCloseTo(200 / 150);
  });

  it('lets one that is hardly known go on beyond the drawing', () => {
    const rows = [row(1040, 30), row(960, 30), row(1000, 4000)];
    const { barOf } = scaleOf(rows, 360);
    expect(rows.map((one) => barOf(one).openHigh)).toEqual([false, false, true]);
    expect(barOf(row(1000, 4000))).toMatchObject({ low: 0, high: 100, openLow: true, unsure: true });
    // The others are not squeezed to a dot by it.
    const known = barOf(row(1040, 30));
    expect(known.high - known.low).toBeGreaterThan(5);
  });

  it('is a scale also of one row, of equal rows, and of none', () => {
    for (const rows of [[], [row(1000, 0)], [row(1000, 0), row(1000, 0)], [row(1300, 500)]]) {
      const { barOf, average, ticks } = scaleOf(rows, 360);
      for (const value of [average, ...ticks.map(({ at }) => at), ...rows.map((one) => barOf(one).at)]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
      }
    }
  });

  it('names no more values than there is room for', () => {
    const rows = [row(1500, 100), row(500, 100)];
    for (const width of [40, 96, 180, 360, 800]) {
      const { ticks } = scaleOf(rows, width);
      expect(ticks.length).toBeGreaterThan(0);
      const gaps = ticks.slice(1).map(({ at }, before) => at - (ticks[before]?.at ?? 0));
      for (const gap of gaps) expect((gap * width) / 100).toBeGreaterThan(40);
    }
    expect(scaleOf(rows, 800).ticks.length).toBeGreaterThan(4);
  });
});

it('the order of a table leaves what is unknown at its end, either way', () => {
  const rows = [
    row(900, 10, { meanNano: 5 }),
    row(1100, 10, { meanNano: null }),
    row(1000, 10, { meanNano: 2 }),
  ];
  const models = (down: boolean) =>
    sortedRows(rows, { by: 'cost', down }).map(({ target: { model } }) => model);
  expect(models(false)).toEqual(['m1000', 'm900', 'm1100']);
  expect(models(true)).toEqual(['m900', 'm1000', 'm1100']);
  expect(sortedRows(rows, { by: 'rank', down: false }).map(({ points }) => points)).toEqual([
    1100, 1000, 900,
  ]);
});

describe('whether a difference is more than chance', () => {
  const difference = (over: Partial<TrialDifference>): TrialDifference => ({
    measure: 'votes',
    best: { providerId: 'p', model: 'a' },
    p: null,
    sure: false,
    ...over,
  });
  const two = [
    target('a', { wins: 6, losses: 1, picked: 40, answered: 40 }),
    target('b', { wins: 1, losses: 6, picked: 12, answered: 12 }),
  ];
  const said = (over: Partial<TrialDifference>, targets = two) => verdictOf(difference(over), targets);

  it('is said in words with its p', () => {
    expect(said({ p: 0.0123, sure: true })).toEqual({ kind: 'sure', text: 'More than chance (p = 0.0123)' });
    expect(said({ p: 0.0004, sure: true }).text).toBe('More than chance (p < 0.001)');
    expect(said({ p: 0.412 })).toEqual({ kind: 'chance', text: 'Could be chance (p = 0.41)' });
    // Never rounded to the other side of what decides.
    expect(said({ p: 0.0496, sure: true }).text).toBe('More than chance (p = 0.0496)');
    expect(said({ p: 0.0504 }).text).toBe('Could be chance (p = 0.0504)');
  });

  it('is told by how many it takes where a gap is seen, else by how few there are', () => {
    expect(said({}).text).toBe('Too little to tell: it takes about 10 votes each');
    expect(said({ measure: 'cost' }).text).toBe('Too little to tell: one of them has only 12 answers so far');
    expect(said({ measure: 'thumbs' }).text).toBe('Too little to tell: one of them has no thumbs so far');
    expect(said({ measure: 'cost' }, [target('a', { answered: 9 }), target('b', { answered: 1 })]).text).toBe(
      'Too little to tell: one of them has only 1 answer so far',
    );
  });

  it('takes more where the gap is smaller, and nobody is told to wait for ever', () => {
    const each = (up: number, down: number) =>
      neededEach('thumbs', [
        target('a', { thumbsUp: 50, thumbsDown: 50 }),
        target('b', { thumbsUp: up, thumbsDown: down }),
      ]);
    // Two shares of 50 % and 60 %: the tables say 388 for four chances in five.
    expect(each(60, 40)).toBe(400);
    expect(each(70, 30)).toBeNull();
    expect(each(51, 49)).toBeNull();
    expect(each(50, 50)).toBeNull();
  });

  it('counts what is still in the route', () => {
    const gone = target('gone', { weight: null, picked: 1 });
    expect(fewest('answered', [...two, gone])).toBe(12);
    expect(neededEach('votes', [two[0] ?? gone, gone])).toBeNull();
    expect(seenShare(gone, [...two, gone])).toBeCloseTo(1 / 53);
    expect(seenShare(gone, [target('a')])).toBeNull();
  });

  it('names whose model it is only where two offer it', () => {
    const other = { ...target('a'), target: { providerId: 'q', model: 'a' }, providerName: 'Q' };
    expect(targetName({ providerId: 'p', model: 'a' }, two)).toBe('a');
    expect(targetName({ providerId: 'q', model: 'a' }, [...two, other])).toBe('a (Q)');
  });
});
