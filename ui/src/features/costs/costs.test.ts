import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costsEn } from '$lib/i18n/costs.en';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { noTotals } from '$lib/ipc/fake/costs/dashboard';
import type { CostDashboard, CostLine, CostSeries, Mark, RequestView } from '$lib/ipc/bindings';
import { allUnknown, axisMoney, reportedShare, sumText } from './amount';
import { drawingOf, inOrder, labelOf, looksOf, textures, type MarkOf } from './chart';
import { standingOf } from './hero';
import { sortedLines } from './lines';
import { pricesOf } from './requestWords';

const size = { width: 800, height: 214 };
const month = { from: '2026-11-01', to: '2026-11-30' };
const backend = fakeBackend(new URLSearchParams('scene=costs&today=2026-11-21'));
const dashboard = (over = {}) => backend.dashboard({ filter: { ...month, ...over }, group: 'provider' });

const mark = (hue: string, hatched = false): Mark => ({ letters: 'Xx', hue, hatched });
const series = (id: string | null, totalNano = 1): CostSeries => ({
  key: id === null ? null : { id, name: id, vendor: id },
  totals: { ...noTotals(), totalNano },
  points: [],
});
const marks: MarkOf = ({ id }) => {
  const [hue = 'clay', hatched] = id.split(' ');
  return id === 'none' ? null : { mark: mark(hue, hatched === 'hatched'), category: 'cloud' };
};

describe('the bars', () => {
  it('are as high as what they stand for', async () => {
    const view = await dashboard();
    const drawing = drawingOf(view, 'money', size, null);
    expect(drawing.columns).toHaveLength(30);
    expect(drawing.columns.reduce((sum, column) => sum + column.sum, 0)).toBe(view.totals.totalNano);
    for (const { parts, sum } of drawing.columns) {
      expect(parts.reduce((all, part) => all + part.value, 0)).toBe(sum);
      for (const [at, part] of parts.entries()) {
        const below = parts[at - 1];
        // From the ground up, none over another.
        if (below) expect(part.y).toBeLessThanOrEqual(below.y);
        expect(part.height).toBeGreaterThan(0);
      }
    }
    const tallest = drawing.columns.reduce((one, other) => (other.sum > one.sum ? other : one));
    expect(Math.min(...drawing.columns.flatMap(({ parts }) => parts.map(({ y }) => y)))).toBe(
      tallest.parts.at(-1)?.y,
    );
  });

  it('project money on the days to come, and no tokens', async () => {
    const view = await dashboard();
    const coming = (unit: 'money' | 'tokens') =>
      drawingOf(view, unit, size, null).columns.filter(({ projected }) => projected !== null);
    expect(coming('money').map(({ bucket }) => bucket)[0]).toBe('2026-11-22');
    expect(coming('money')).toHaveLength(9);
    expect(coming('tokens')).toHaveLength(0);
  });

  it('never leave the drawing, whatever the width and the days', () => {
    const shape = fc.record({
      days: fc.integer({ min: 1, max: 92 }),
      width: fc.integer({ min: 200, max: 2000 }),
      values: fc.array(fc.nat({ max: 5e12 }), { minLength: 1, maxLength: 30 }),
    });
    fc.assert(
      fc.property(shape, ({ days, width, values }) => {
        const view: Pick<CostDashboard, 'buckets' | 'series' | 'projection' | 'today' | 'grain'> = {
          buckets: Array.from({ length: days }, (_, at) => `day ${at}`),
          series: [
            {
              ...series('clay'),
              points: values.slice(0, days).map((totalNano, bucket) => ({
                bucket,
                totalNano,
                guessedNano: 0,
                input: 0,
                output: 0,
                entries: 1,
              })),
            },
          ],
          projection: null,
          today: 'day 0',
          grain: 'day',
        };
        const { columns, named, ground } = drawingOf(view, 'money', { width, height: 214 }, null);
        for (const { x, width: wide, parts } of columns) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + wide).toBeLessThanOrEqual(width + 0.01);
          for (const { y, height } of parts) {
            expect(y).toBeGreaterThanOrEqual(0);
            expect(y + height).toBeLessThanOrEqual(ground + 1);
          }
        }
        expect(named.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the drawing', () => {
  const ofDay = (totals: number[], days: number[] = [], unit: 'money' | 'tokens' = 'money', width = 800) =>
    drawingOf(
      {
        buckets: Array.from({ length: totals.length + days.length }, (_, at) => `2026-11-${10 + at}`),
        series: [
          {
            ...series('clay'),
            points: totals.map((value, bucket) => ({
              bucket,
              totalNano: value,
              guessedNano: 0,
              input: value,
              output: 0,
              entries: 1,
            })),
          },
        ],
        projection: days.length === 0 ? null : { totalNano: 0, days },
        today: `2026-11-${9 + totals.length}`,
        grain: 'day',
      },
      unit,
      { width, height: 214 },
      null,
    );

  it('has a few round lines, and none for a part of a token', () => {
    const values = (...[totals, unit]: [number[], ('money' | 'tokens')?]) =>
      ofDay(totals, [], unit).ticks.map(({ value }) => value);
    expect(values([3.9e9, 1e9])).toEqual([0, 1e9, 2e9, 3e9, 4e9]);
    expect(values([0.28e9])).toEqual([0, 1e8, 2e8]);
    expect(values([2], 'tokens')).toEqual([0, 1, 2]);
    expect(values([0])).toEqual([0]);
  });

  it('names each January where months have no room for all', () => {
    const buckets = Array.from(
      { length: 37 },
      (_, at) => `${2023 + Math.floor((at + 10) / 12)}-${String(((at + 10) % 12) + 1).padStart(2, '0')}`,
    );
    const view = { buckets, series: [], projection: null, today: '2026-11-21', grain: 'month' as const };
    const { named } = drawingOf(view, 'money', { width: 500, height: 214 }, null);
    const names = named.map((at) => buckets[at]);
    expect(names.length).toBeLessThan(buckets.length);
    expect(names).toEqual(expect.arrayContaining(['2024-01', '2025-01', '2026-01']));
  });

  it('keeps the sum of today clear of every bar', () => {
    const bars = fc.array(fc.integer({ min: 1, max: 4e9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bars, bars, fc.integer({ min: 420, max: 1600 }), (totals, days, width) => {
        const drawing = ofDay(totals, days, 'money', width);
        const today = drawing.columns[totals.length - 1];
        if (!today) return;
        const text = '$0.94';
        const { x, y, anchor } = labelOf(drawing, today, text, null);
        const wide = text.length * 6;
        const left = { start: x, middle: x - wide / 2, end: x - wide }[anchor];
        for (const column of drawing.columns) {
          const top = Math.min(column.parts.at(-1)?.y ?? Infinity, column.projected?.y ?? Infinity);
          const beside = column.x >= left + wide || column.x + column.width <= left;
          expect(beside || y <= top - 5).toBe(true);
        }
        expect(left).toBeGreaterThanOrEqual(0);
        expect(left + wide).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('series are told apart', () => {
  it('by hue, then by texture where a hue is shared', () => {
    const looks = looksOf(
      [series('clay'), series('sky'), series('clay 2'), series('clay hatched')],
      'provider',
      marks,
      false,
    );
    expect(looks.map(({ hue, texture }) => `${hue} ${texture}`)).toEqual([
      'clay solid',
      'sky solid',
      'clay hatch',
      'clay dots',
    ]);
  });

  it('by texture alone where no hue is to be seen, the rest among them', () => {
    const all = [...Array.from({ length: 8 }, (_, at) => series(`clay ${at}`)), series(null)];
    const looks = looksOf(all, 'provider', marks, true);
    expect(new Set(looks.map(({ texture }) => texture)).size).toBe(textures.length);
  });

  it('lie in the order of the hues, the rest on top', () => {
    const ordered = inOrder(
      [series(null), series('plum'), series('clay'), series('jade')],
      'provider',
      marks,
    );
    expect(ordered.map(({ key }) => key?.id ?? 'rest')).toEqual(['clay', 'jade', 'plum', 'rest']);
  });
});

describe('the head', () => {
  it('sets the month against its budget', async () => {
    const view = await dashboard();
    const { month: standing, pace, day } = standingOf(view, false);
    expect(day).toBe(21);
    expect(standing?.limitNano).toBe(80e9);
    expect(standing?.spent).toBeCloseTo((100 * view.totals.totalNano) / 80e9);
    expect(standing?.warnNano).toBe(64e9);
    expect(pace).toBeCloseTo(80e9 / 30);
  });

  it('says nothing of a budget under a filter, or in other days', async () => {
    expect(standingOf(await dashboard(), true).month).toBeNull();
    expect(standingOf(await dashboard({ from: '2026-10-01', to: '2026-10-31' }), false).month).toBeNull();
  });

  it('does not count what a person stopped as wasted', async () => {
    const view = await dashboard();
    const stopped = view.waste.find(({ kind }) => kind === 'stopped')?.totalNano ?? 0;
    const all = view.waste.reduce((sum, { totalNano }) => sum + totalNano, 0);
    expect(stopped).toBeGreaterThan(0);
    expect(standingOf(view, false).wasteNano).toBe(all - stopped);
  });
});

describe('the prices of a request', () => {
  const of = (prices: RequestView['prices']) => pricesOf({ prices } as RequestView, '2026-11-21');

  it('are said with where they come from', () => {
    const rates = { input: 2.5e9, cacheRead: 25e7, output: 1e10, request: 1e7 };
    expect(of({ rates, own: false, source: 'genai-prices 0.2.1: openai/gpt-5', day: '2026-11-20' })).toBe(
      '$2.50 input, $0.25 from cache, $10.00 output, per million tokens; $0.0100 a request; genai-prices 0.2.1: openai/gpt-5, as of 20 Nov',
    );
    expect(of({ rates: { input: 0, output: 1e9 }, own: true, source: '', day: '2026-11-01' })).toBe(
      '$0 input, $1.00 output, per million tokens; your own, in force since 1 Nov',
    );
  });

  it('are not there where there are none', () => {
    expect(of(null)).toBeNull();
  });
});

describe('amounts', () => {
  it('mark what is ours, and never turn unknown into nothing', () => {
    expect(sumText(18_200_000_000, 1)).toBe('≈ $18.20');
    expect(sumText(18_200_000_000, 0)).toBe('$18.20');
    expect(sumText(1_000_000, 1)).toBe('<$0.01');
    expect(allUnknown({ ...noTotals(), entries: 3, unknown: 3 })).toBe(true);
    expect(allUnknown({ ...noTotals(), entries: 3, unknown: 2, free: 1 })).toBe(false);
    expect(reportedShare(noTotals())).toBeNull();
  });

  it('name ticks with as many digits as tell them apart', () => {
    expect(axisMoney(0, 1e9)).toBe('$0');
    expect(axisMoney(3e9, 1e9)).toBe('$3');
    expect(axisMoney(1.5e9, 5e8)).toBe('$1.5');
    expect(axisMoney(2e6, 1e6)).toBe('$0.002');
  });

  it('are said to be spent in some days, as a sentence goes', () => {
    const { when, span } = costsEn.hero;
    const today = '2026-11-21';
    expect(when({ kind: 'thisYear' }, today)).toBe('this year');
    expect(when({ kind: 'thisMonth' }, today)).toBe('in November 2026');
    expect(when({ kind: 'days', from: '2026-11-03', to: '2026-11-03' }, today)).toBe('on 3 Nov');
    expect(when({ kind: 'days', from: '2026-11-03', to: '2026-11-09' }, today)).toBe('from 3 Nov to 9 Nov');
    expect(span('2023-11-18', '2026-11-21', 1100, today)).toBe('18 Nov 2023 to 21 Nov, 1,100 days');
  });

  it('say how a bill differs', () => {
    expect(costsEn.sure.difference(18.55e9, 18.2e9, true)).toBe(
      'The bill is $0.35 more than what is counted here (≈ $18.20), 2 % of the bill.',
    );
    expect(costsEn.sure.difference(18e9, 18.2e9, false)).toContain('$0.20 less');
    expect(costsEn.sure.difference(18.2e9, 18.2e9, true)).toBe('The same as here, to the cent: ≈ $18.20.');
  });
});

describe('the table', () => {
  const line = (id: string, model: string | null, over: Partial<CostLine['totals']>): CostLine => ({
    provider: { id, name: id, vendor: id },
    model,
    totals: { ...noTotals(), ...over },
  });
  const lines = [
    line('a', null, { totalNano: 5, entries: 2, input: 10, cacheRead: 9 }),
    line('a', 'small', { totalNano: 1, entries: 1 }),
    line('a', 'large', { totalNano: 4, entries: 1 }),
    line('b', null, { totalNano: 9, entries: 1, input: 10, cacheRead: 1 }),
    line('b', 'only', { totalNano: 9, entries: 1 }),
  ];

  it('is sorted by what was asked, models within their provider', () => {
    const names = (by: 'cost' | 'cache' | 'name', down: boolean) =>
      sortedLines(lines, { by, down }).map(({ own, models }) => [
        own.provider.id,
        ...models.map(({ model }) => model),
      ]);
    expect(names('cost', true)).toEqual([
      ['b', 'only'],
      ['a', 'large', 'small'],
    ]);
    expect(names('cost', false)[0]).toEqual(['a', 'small', 'large']);
    expect(names('cache', true)[0]?.[0]).toBe('a');
    expect(names('name', false)[0]?.[0]).toBe('a');
  });
});
