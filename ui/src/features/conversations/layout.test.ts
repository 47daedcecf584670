import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConversationSummary } from '$lib/ipc/bindings';
import { rowOf } from '$lib/ipc/rows';
import { dayStart, groupOf, linesOf, nextDay } from '$lib/days/groups';
import { lineAt, topsOf, windowOf } from './layout';

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone ?? '';
  if (zone === undefined) delete process.env.TZ;
});

const at = (...date: [number, number, number, number?, number?]) => new Date(...date).getTime();
const row = (id: string, updatedAt: number) => rowOf(id, { title: id, updatedAt, touched: updatedAt });
const heads = (rows: ConversationSummary[], now: number, pinned: ConversationSummary[] = []) =>
  linesOf(pinned, rows, dayStart(now)).map((line) => (line.kind === 'head' ? line.group : line.key));

describe('groups by local day', () => {
  it('names them as a person would, seen from the middle of a day', () => {
    const today = dayStart(at(2026, 10, 14, 13));
    const group = (ms: number) => groupOf(ms, today).group;
    expect(group(at(2026, 10, 14, 0))).toEqual({ kind: 'today' });
    expect(group(at(2026, 10, 13, 23, 59))).toEqual({ kind: 'yesterday' });
    expect(group(at(2026, 10, 13, 0))).toEqual({ kind: 'yesterday' });
    expect(group(at(2026, 10, 12, 23))).toEqual({ kind: 'week' });
    expect(group(at(2026, 10, 7, 0))).toEqual({ kind: 'week' });
    expect(group(at(2026, 10, 6, 23))).toEqual({ kind: 'month', month: 10, year: null });
    expect(group(at(2026, 8, 1, 0))).toEqual({ kind: 'month', month: 8, year: null });
    expect(group(at(2025, 11, 31, 23))).toEqual({ kind: 'month', month: 11, year: 2025 });
  });

  it('heads each group once, the pinned ones first', () => {
    const now = at(2026, 10, 14, 13);
    const rows = [
      row('a', at(2026, 10, 14, 9)),
      row('b', at(2026, 10, 13, 9)),
      row('c', at(2026, 10, 13, 8)),
      row('d', at(2026, 9, 1)),
    ];
    expect(heads(rows, now, [row('p', at(2020, 1, 1))])).toEqual([
      { kind: 'pinned' },
      'p',
      { kind: 'today' },
      'a',
      { kind: 'yesterday' },
      'b',
      'c',
      { kind: 'month', month: 9, year: null },
      'd',
    ]);
    expect(heads([], now)).toEqual([]);
  });

  it('takes a row of the future for one of today, and keeps one out of order where it stands', () => {
    const now = at(2026, 10, 14, 13);
    const rows = [
      row('later', at(2026, 10, 20)),
      row('old', at(2026, 10, 13, 9)),
      row('new', at(2026, 10, 14, 9)),
    ];
    expect(heads(rows, now)).toEqual([{ kind: 'today' }, 'later', { kind: 'yesterday' }, 'old', 'new']);
  });

  it('counts calendar days, not hours, when the clocks change', () => {
    process.env.TZ = 'Europe/Berlin';
    // On 29 March 2026 the clock goes from 2:00 to 3:00, on 25 October from 3:00 to 2:00.
    for (const [month, day, hours] of [
      [2, 29, 23],
      [9, 25, 25],
      [6, 1, 24],
    ] as const) {
      const start = at(2026, month, day);
      expect((nextDay(start) - start) / 3_600_000).toBe(hours);
      expect(nextDay(at(2026, month, day, 23, 59))).toBe(at(2026, month, day + 1));
      const after = dayStart(at(2026, month, day + 1, 12));
      expect(groupOf(at(2026, month, day, 0), after).group).toEqual({ kind: 'yesterday' });
      expect(groupOf(at(2026, month, day - 1, 23, 59), after).group).toEqual({ kind: 'week' });
    }
  });

  it('knows days without a midnight', () => {
    process.env.TZ = 'America/Santiago';
    // On 6 September 2026 the clock goes from 24:00 to 1:00.
    const start = dayStart(at(2026, 8, 6, 12));
    expect(new Date(start).getHours()).toBe(1);
    expect(nextDay(at(2026, 8, 5, 12))).toBe(start);
  });

  it('has every moment in the group that begins at or before it', () => {
    const moment = fc.integer({ min: at(2000, 0, 1), max: at(2040, 0, 1) });
    fc.assert(
      fc.property(moment, moment, (ms, now) => {
        const today = dayStart(now);
        const { group, from } = groupOf(ms, today);
        expect(from).toBeLessThanOrEqual(ms);
        expect(groupOf(from, today).group).toEqual(group);
        if (ms < today) expect(groupOf(from - 1, today).group).not.toEqual(group);
        expect(nextDay(now)).toBeGreaterThan(now);
      }),
    );
  });
});

describe('the lines in sight', () => {
  const heights = { row: 32, head: 40, firstHead: 30 };

  it('are those that a scroll through all of them would find', () => {
    const rows = fc.array(fc.integer({ min: at(2024, 0, 1), max: at(2026, 10, 14) }), { maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.nat(3000), fc.integer({ min: 1, max: 900 }), (moments, top, height) => {
        const sorted = moments.sort((a, b) => b - a).map((ms, place) => row(String(place), ms));
        const tops = topsOf(linesOf([], sorted, dayStart(at(2026, 10, 14))), heights);
        const slow = tops.slice(0, -1).flatMap((from, line) => {
          const to = tops[line + 1] ?? 0;
          return to > top && from <= top + height ? [line] : [];
        });
        const { first, end } = windowOf(tops, top, height, 0);
        expect(Array.from({ length: end - first }, (_, step) => first + step)).toEqual(slow);
        expect(lineAt(tops, -1)).toBe(0);
      }),
    );
  });
});
